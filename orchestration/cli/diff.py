"""`make diff`: what is different between two kept versions: FROM=… and TO=… name them, the last two without."""

import os
import sys

from orchestration.programme.published import read_latest
from orchestration.publishing.changes import describe_changes, find_marts
from orchestration.runtime.environment import find_folder


def main() -> int:
    """Prints a sentence for each difference; returns 1 if there are no two versions to compare."""
    folder = find_folder()
    latest = read_latest(folder)
    known = latest.get("versions", [])
    earlier, later = os.environ.get("FROM", "").strip(), os.environ.get("TO", "").strip()
    if not (earlier and later) and len(known) < 2:
        print(f"{folder.published} has no two versions to compare. What to do: make nightly", file=sys.stderr)
        return 1
    later = later or known[-1]
    earlier = earlier or next((name for name in reversed(known) if name != later), "")
    try:
        before, after = (find_marts(folder.published, latest, version) for version in (earlier, later))
    except LookupError as error:
        print(error.args[0], file=sys.stderr)
        return 1
    changes = describe_changes(before, after, latest["currency"])
    print("\n".join([f"From {earlier} to {later}:", *(f"  {line}" for line in changes or ["nothing changed."])]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
