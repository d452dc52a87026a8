"""`python -m benchmarks.nights S [ROUNDS]`: what nights of a programme of this size cost, compared in one run.

Every round makes its own copies and runs all contenders in turn, so that what disturbs the machine disturbs all. What
is printed are medians over the rounds; BENCHMARK_FOLDER says where the programmes are made (else where temporary files
go). The marts of all contenders are compared before a figure is believed.
"""

import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.nights.equality import compare_folders
from benchmarks.nights.measure import Cost, run
from benchmarks.nights.programme import DAY, LAST_DAY, SIZES, Size, deliver_new_day, write_programme
from orchestration.warehouse.database import make_pseudonym_key
from tests.warehouse import bare

REPOSITORY = Path(__file__).parents[2]
PYTHON = sys.executable
TENTH = {"S": "XS", "M": "S", "L": "M"}
Costs = dict[str, list[Cost]]


def main(size: Size, rounds: int) -> None:
    where = os.environ.get("BENCHMARK_FOLDER")
    if where:
        Path(where).mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"nights-{size.name}-", dir=where))
    prepare(folder, size)
    costs: Costs = {}
    for nth in range(rounds):
        for name, cost in run_round(folder, folder / f"round-{nth}"):
            costs.setdefault(name, []).append(cost)
            print(f"round {nth + 1}: {name}: {cost.cpu:.1f} CPU s, {cost.wall:.1f} s", file=sys.stderr, flush=True)
        shutil.rmtree(folder / f"round-{nth}")
    print(f"size {size.name}, rounds: {rounds}, cores: {os.cpu_count()}\n")
    print("\n".join(tabulate(costs)))
    shutil.rmtree(folder)


def run_round(source: Path, folder: Path) -> Iterator[tuple[str, Cost]]:
    full, tenth, daily, floor = (folder / name for name in ("full", "tenth", "daily", "floor"))
    shutil.copytree(source / "programme", full)
    shutil.copytree(source / "tenth", tenth)
    shutil.copytree(source / "daily", daily)
    shutil.copytree(source / "programme", floor)
    yield "full build", run_night(full)
    bare_sql = ("-m", "benchmarks.nights.floor", source / "compiled", floor, folder / "bare", LAST_DAY)
    yield "floor: the same SQL by bare DuckDB", run_script(folder / "floor.log", *bare_sql)
    assert_equal(newest_night(full), folder / "bare")
    shutil.rmtree(floor)
    shutil.rmtree(folder / "bare")
    for contender in ("pandas", "polars"):
        script = REPOSITORY / "benchmarks" / "nights" / f"with_{contender}.py"
        yield f"{contender}: five marts", run_script(folder / f"{contender}.log", script, full, folder / contender)
        assert_equal(newest_night(full), folder / contender)

    deliver_new_day(full)
    yield "one new day", run_night(full)
    yield "nothing new", run_night(full)
    for programme, what in ((tenth, "a tenth of the history"), (daily, "that tenth in daily files")):
        run_night(programme)
        deliver_new_day(programme)
        yield f"one new day, {what}", run_night(programme)
    night_by_night = newest_night(full).rename(folder / "night by night")
    run_night(full, "--rebuild")
    assert_equal(newest_night(full), night_by_night)

    project = ("--project-dir", "dbt_project", "--profiles-dir", "dbt_project", "--target-path", folder / "parsed")
    yield "dbt parse", run_script(folder / "parse.log", "-m", "dbt.cli.main", "--quiet", "parse", *project)
    yield "starting Dagster", run_script(folder / "dagster.log", "-c", "import orchestration.definitions")


def prepare(folder: Path, size: Size) -> None:
    """Programmes of one key, so that their pseudonyms can be compared; and the compiled SQL, which does not depend on
    the data and is not for the floor to pay."""
    write_programme(folder / "programme", size)
    write_programme(folder / "tenth", SIZES[TENTH[size.name]])
    write_programme(folder / "daily", SIZES[TENTH[size.name]], DAY)
    make_pseudonym_key(folder / "programme" / ".pseudonym_key")
    (folder / "empty" / "landing").mkdir(parents=True)
    for name in ("plan.yml", "extracts.yml"):
        shutil.copy(folder / "programme" / name, folder / "empty" / name)
    bare.compile_project(folder / "empty", folder / "compiled")


def run_night(programme: Path, *arguments: str) -> Cost:
    log = programme.with_suffix(".log")
    return run([PYTHON, "-m", "orchestration.cli.nightly", *arguments], log, PROGRAMME=str(programme), AS_OF=LAST_DAY)


def run_script(log: Path, *arguments: str | Path) -> Cost:
    return run([PYTHON, *map(str, arguments)], log)


def newest_night(programme: Path) -> Path:
    return max((programme / "published" / "nights").iterdir())


def assert_equal(one: Path, other: Path) -> None:
    """All marts that `other` has, because a contender makes a few of them."""
    marts = tuple(file.relative_to(other).with_suffix("").as_posix() for file in sorted(other.glob("*/*.parquet")))
    if differences := compare_folders(one, other, marts):
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
