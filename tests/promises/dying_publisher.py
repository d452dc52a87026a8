"""Publishes a night and is killed right before one of the things that it does to the disk.

    python -m tests.promises.dying_publisher <programme>

Each line that it is given is the number of the thing before which it dies, from 1; with 0 it lives. It answers with a
letter for each thing that it did: `r` for a renaming, which is how files and folders come to their place, `.` else.
"""

import os
import signal
import sys
from pathlib import Path

from orchestration.programme.folder import ProgrammeFolder
from orchestration.publishing.version import publish_night
from tests.promises.nights import list_marts

CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "shutil.copyfile"}


def publish_in_child(folder: ProgrammeFolder, dies_before: int) -> str:
    reading, writing = os.pipe()
    if not (child := os.fork()):
        sys.addaudithook(make_hook(writing, dies_before))
        publish_night(folder, list_marts())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with open(reading, "rb") as told:
        return told.read().decode()


def make_hook(writing: int, dies_before: int):
    done = 0

    def hook(event: str, _arguments: tuple) -> None:
        nonlocal done
        if event in CHANGES:
            done += 1
            if done == dies_before:
                os.kill(os.getpid(), signal.SIGKILL)
            os.write(writing, b"r" if event == "os.rename" else b".")

    return hook


if __name__ == "__main__":
    list_marts()
    for line in sys.stdin:
        print(publish_in_child(ProgrammeFolder(Path(sys.argv[1])), int(line)), flush=True)
