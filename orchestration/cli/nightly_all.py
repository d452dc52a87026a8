"""`make nightly-all`: the nightly job on every programme in the folder PROGRAMMES, one after the other, each in a
process of its own. One that fails does not stop the rest; the exit status is 0 only if all succeeded.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from orchestration.runtime.messages import align

USAGE = "Which programmes? make nightly-all PROGRAMMES=/folder, in which each programme is a folder with a plan.yml."
TERMINATED = (-2, -15)
"""Statuses of a run that somebody stopped: then the rest is not started."""


def main() -> int:
    folder = Path(os.environ.get("PROGRAMMES", "")).expanduser().absolute()
    programmes = list_programmes(folder) if os.environ.get("PROGRAMMES") else []
    if not programmes:
        print(USAGE, file=sys.stderr)
        return 1
    rows = [("programme", "status", "s")]
    is_stopped = False
    for number, programme in enumerate(programmes, start=1):
        if is_stopped:
            rows.append((programme.name, "not started", ""))
            continue
        print(f"\n── {number} of {len(programmes)}: {programme.name}", flush=True)
        started = time.monotonic()
        status = run(programme)
        is_stopped = status in TERMINATED
        outcome = "ok" if status == 0 else "stopped" if is_stopped else "FAILED"
        rows.append((programme.name, outcome, f"{time.monotonic() - started:.0f}"))
    failed = sum(status != "ok" for _, status, _ in rows[1:])
    print(f"\n{len(programmes) - failed} of {len(programmes)} programmes succeeded")
    print("\n".join(align(rows, right={2}, is_ruled=True)))
    return 1 if failed else 0


def list_programmes(folder: Path) -> list[Path]:
    """The folders in it that have a plan.yml, by name, without hidden ones."""
    return sorted(plan.parent for plan in folder.glob("[!.]*/plan.yml"))


def run(programme: Path) -> int:
    """The exit status; negative is the signal that ended it."""
    environment = {**os.environ, "PROGRAMME": os.fspath(programme)}
    # Each has its own: neither may be another programme's.
    for variable in ("DAGSTER_HOME", "PROGRAMMES"):
        environment.pop(variable, None)
    try:
        return subprocess.run([sys.executable, "-m", "orchestration.cli.nightly"], env=environment).returncode
    except KeyboardInterrupt:
        return TERMINATED[0]


if __name__ == "__main__":
    sys.exit(main())
