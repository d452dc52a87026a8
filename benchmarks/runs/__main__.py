"""`python -m benchmarks.runs S [ROUNDS]`: run time, CPU and memory of runs on a programme of this size.

Every round copies the programme and measures everything in turn, so that other load on the machine affects all of it.
The table has medians over the rounds. The marts of runs, baseline and Polars are compared: if they differ, there is no
table. BENCHMARK_FOLDER sets where the programmes are made (default: the folder for temporary files).
"""

import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.runs.equality import compare_folders
from benchmarks.runs.measure import Cost, run
from benchmarks.runs.programme import LAST_DAY, SIZES, Size, deliver_new_day, write_programme
from orchestration.landing.pseudonym_key import make_pseudonym_key
from tests.warehouse import bare

REPOSITORY = Path(__file__).parents[2]
PYTHON = sys.executable
Costs = dict[str, list[Cost]]


def main(size: Size, rounds: int) -> None:
    where = os.environ.get("BENCHMARK_FOLDER")
    if where:
        Path(where).mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"benchmark-{size.name}-", dir=where))
    prepare(folder, size)
    costs: Costs = {}
    for nth in range(rounds):
        for name, cost in measure_round(folder, folder / f"round-{nth}"):
            costs.setdefault(name, []).append(cost)
            print(f"round {nth + 1}: {name}: {cost.cpu:.1f} CPU s, {cost.wall:.1f} s", file=sys.stderr, flush=True)
        shutil.rmtree(folder / f"round-{nth}")
    print(f"size {size.name}, rounds: {rounds}, cores: {os.cpu_count()}\n")
    print("\n".join(tabulate(costs)))
    shutil.rmtree(folder)


def measure_round(source: Path, folder: Path) -> Iterator[tuple[str, Cost]]:
    programme, copy = folder / "programme", folder / "copy"
    shutil.copytree(source / "programme", programme)
    shutil.copytree(source / "programme", copy)
    yield "full build", run_nightly(programme)
    bare_sql = ("-m", "benchmarks.runs.baseline", source / "compiled", copy, folder / "bare", LAST_DAY)
    yield "baseline: the same SQL by bare DuckDB", run_script(folder / "baseline.log", *bare_sql)
    assert_equal(newest_version(programme), folder / "bare")
    script = REPOSITORY / "benchmarks" / "runs" / "with_polars.py"
    yield "Polars: five marts", run_script(folder / "polars.log", script, programme, folder / "polars")
    assert_equal(newest_version(programme), folder / "polars")

    deliver_new_day(programme)
    yield "one new day", run_nightly(programme)
    yield "nothing new", run_nightly(programme)
    run_by_run = newest_version(programme).rename(folder / "run by run")
    run_nightly(programme, "--rebuild")
    assert_equal(newest_version(programme), run_by_run)

    project = ("--project-dir", "dbt_project", "--profiles-dir", "dbt_project", "--target-path", folder / "parsed")
    yield "dbt parse", run_script(folder / "parse.log", "-m", "dbt.cli.main", "--quiet", "parse", *project)
    yield "starting Dagster", run_script(folder / "dagster.log", "-c", "import orchestration.definitions")


def prepare(folder: Path, size: Size) -> None:
    """The programme with its pseudonym key, so that all copies have the same pseudonyms; and the compiled SQL, which
    does not depend on the data and is not part of the baseline."""
    write_programme(folder / "programme", size)
    make_pseudonym_key(folder / "programme" / ".pseudonym_key")
    (folder / "empty" / "landing").mkdir(parents=True)
    for name in ("plan.yml", "extracts.yml"):
        shutil.copy(folder / "programme" / name, folder / "empty" / name)
    bare.compile_project(folder / "empty", folder / "compiled")


def run_nightly(programme: Path, *arguments: str) -> Cost:
    log = programme.with_suffix(".log")
    return run([PYTHON, "-m", "orchestration.cli.nightly", *arguments], log, PROGRAMME=str(programme), AS_OF=LAST_DAY)


def run_script(log: Path, *arguments: str | Path) -> Cost:
    return run([PYTHON, *map(str, arguments)], log)


def newest_version(programme: Path) -> Path:
    return max((programme / "published" / "versions").iterdir())


def assert_equal(one: Path, other: Path) -> None:
    """Compare the marts that `other` has: Polars makes only some of them."""
    marts = {file.relative_to(other).with_suffix("").as_posix() for file in other.glob("*/*.parquet")}
    marts |= {month.parent.relative_to(other).as_posix() for month in other.glob("*/*/month=*")}
    if differences := compare_folders(one, other, tuple(sorted(marts))):
        raise AssertionError("\n".join([f"{one} and {other} differ:", *map(str, differences)]))


def tabulate(costs: Costs) -> Iterator[str]:
    full = statistics.median(cost.cpu for cost in costs["full build"])
    yield "| | CPU s | wall s | peak memory, GiB | CPU, of a full build |"
    yield "|---|---|---|---|---|"
    for name, runs in costs.items():
        cpu, wall = (statistics.median(getattr(cost, unit) for cost in runs) for unit in ("cpu", "wall"))
        memory = max(cost.memory for cost in runs) / 2**30
        yield f"| {name} | {cpu:.1f} | {wall:.1f} | {memory:.2f} | {cpu / full:.2f} |"


if __name__ == "__main__":
    main(SIZES[sys.argv[1]], int(sys.argv[2]) if len(sys.argv) > 2 else 3)
