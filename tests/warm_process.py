"""Python modules run in processes of their own whose imports are done: they are forked from a server (multiprocessing's
forkserver) that has imported what a run needs. Nothing that a run leaves in memory reaches the next one."""

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
    module: str, arguments: Sequence[str], environment: Mapping[str, str], stdin: str = "", timeout: float = 600
) -> tuple[int, str]:
    """`python -m module` with these arguments and exactly this environment, in the repository; gives its exit status
    and what it wrote to standard output and error. Raises TimeoutError."""
    with TemporaryDirectory() as folder:
        written = Path(folder) / "written"
        given = Path(folder) / "given"
        given.write_text(stdin)
        process = processes.Process(target=run_here, args=(module, [*arguments], dict(environment), given, written))
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(f"{module} took more than {timeout:.0f} s: {written.read_text()}")
        return process.exitcode, written.read_text(encoding="utf-8", errors="replace")


def run_here(module: str, arguments: list[str], environment: dict[str, str], given: Path, written: Path) -> None:
    """In the forked process: what `python -m` would do."""
    with given.open() as standard_input, written.open("wb") as output:
        os.dup2(standard_input.fileno(), 0)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    sys.stdin = os.fdopen(0, closefd=False)
    os.chdir(REPOSITORY)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
