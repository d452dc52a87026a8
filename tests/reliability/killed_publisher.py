"""Publishes a version and is killed right before one of its changes of the disk.

    python -m tests.reliability.killed_publisher <programme>

Each line of standard input is the number of the change before which it is killed, from 1; 0 is for never. It answers
with a letter for each change that it made: `r` for a rename, which is how files and folders are put in place, `.` else.
"""

import os
import signal
import sys
from pathlib import Path

from orchestration.programme.folder import ProgrammeFolder
from tests.reliability.fixed_marts import list_marts, publish

CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "shutil.copyfile"}


def publish_in_child(folder: ProgrammeFolder, killed_before: int) -> str:
    reading, writing = os.pipe()
    if not (child := os.fork()):
        sys.addaudithook(make_hook(writing, killed_before))
        publish(folder, keep_versions=2)
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with open(reading, "rb") as changes:
        return changes.read().decode()


def make_hook(writing: int, killed_before: int):
    made = 0

    def hook(event: str, _arguments: tuple) -> None:
        nonlocal made
        if event in CHANGES:
            made += 1
            if made == killed_before:
                os.kill(os.getpid(), signal.SIGKILL)
            os.write(writing, b"r" if event == "os.rename" else b".")

    return hook


if __name__ == "__main__":
    list_marts()
    for line in sys.stdin:
        print(publish_in_child(ProgrammeFolder(Path(sys.argv[1])), int(line)), flush=True)
