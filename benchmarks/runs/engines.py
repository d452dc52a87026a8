"""`python -m benchmarks.runs.engines S`: a full build and one new day of the same programme on DuckDB, and on Spark of
this machine with two cores, and a full build with one core, one after the other in one run. Their marts must be equal.

CPU seconds are not shown: the system counts those of child processes that were waited for, and pyspark does not wait
for its Java process."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.runs.__main__ import assert_equal, newest_version, prepare, run_nightly
from benchmarks.runs.measure import Cost
from benchmarks.runs.programme import SIZES, Size, deliver_new_day

ONE_CORE = "Spark, one core"
ENGINES = {
    "DuckDB": "engine: duckdb",
    "Spark, two cores": "engine: {spark: {master: 'local[2]'}}",
    ONE_CORE: "engine: {spark: {master: 'local[1]'}}",
}


def main(size: Size, engines: tuple[str, ...]) -> None:
    folder = Path(tempfile.mkdtemp(prefix=f"engines-{size.name}-"))
    prepare(folder, size)
    print(f"size {size.name}\n\n| | wall s | peak memory, GiB |\n|---|---|---|", flush=True)
    versions: dict[str, Path] = {}
    for engine in engines:
        programme = folder / engine / "programme"
        for what, cost in measure_engine(folder / "programme", programme, ENGINES[engine], engine != ONE_CORE):
            print(f"| {engine}: {what} | {cost.wall:.0f} | {cost.memory / 2**30:.1f} |", flush=True)
            assert_equal(newest_version(programme), versions.setdefault(what, newest_version(programme)))
    shutil.rmtree(folder)


def measure_engine(source: Path, programme: Path, setting: str, has_new_day: bool) -> Iterator[tuple[str, Cost]]:
    shutil.copytree(source, programme)
    (programme / "settings.yml").write_text(setting + "\n")
    yield "full build", run_nightly(programme)
    if has_new_day:
        deliver_new_day(programme)
        yield "one new day", run_nightly(programme)


if __name__ == "__main__":
    main(SIZES[sys.argv[1]], tuple(sys.argv[2:]) or tuple(ENGINES))
