"""Whether a file is as it was, without reading it."""

from pathlib import Path


def describe_state(file: Path) -> str:
    """Changes whenever somebody writes into the file or puts another in its place: its size, and when its content and
    (which nobody can set back) anything about it changed last. A disk that loses what it holds goes unseen."""
    state = file.stat()
    return f"{state.st_size} {state.st_mtime_ns} {state.st_ctime_ns}"
