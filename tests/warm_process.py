"""The nightly job in processes of their own that have imported Dagster, dbt and Great Expectations already: they are
forked from a server (multiprocessing's forkserver). Nothing that a run leaves in memory reaches the next one."""

import multiprocessing
import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

REPOSITORY = Path(__file__).parents[1]

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.warm_imports"])


def run_module(
    module: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    history_in_memory: bool = False,
    standard_input: str = "",
    timeout: float = 600,
) -> tuple[int, str]:
    """`python -m module` with these arguments and exactly this environment, in the repository; gives its exit status
    and what it wrote to standard output and error. Raises TimeoutError."""
    with TemporaryDirectory() as folder:
        output = Path(folder) / "output"
        output.touch()
        given = Path(folder) / "given"
        given.write_text(standard_input)
        process = processes.Process(
            target=run_here, args=(module, [*arguments], dict(environment), given, output, history_in_memory)
        )
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(f"{module} took more than {timeout:.0f} s: {output.read_text()}")
        return process.exitcode, output.read_text(encoding="utf-8", errors="replace")


def run_here(
    module: str, arguments: list[str], environment: dict[str, str], given: Path, output: Path, history_in_memory: bool
) -> None:
    """In the forked process: what `python -m` would do."""
    with given.open() as standard_input, output.open("wb") as opened:
        os.dup2(standard_input.fileno(), 0)
        os.dup2(opened.fileno(), 1)
        os.dup2(opened.fileno(), 2)
    sys.stdin = os.fdopen(0, closefd=False)
    os.chdir(REPOSITORY)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [module, *arguments]
    if history_in_memory:
        keep_history_in_memory()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def keep_history_in_memory() -> None:
    """Dagster opens and closes its SQLite files some 8,000 times a run, which takes longer than building the marts. Tests
    of what is in its history keep it on disk."""
    from dagster import DagsterInstance
    from ruamel.yaml import YAML

    from orchestration.runtime.dagster_home import SETTINGS

    settings = YAML(typ="safe").load(SETTINGS)
    DagsterInstance.get = staticmethod(lambda: DagsterInstance.ephemeral(settings=settings))
