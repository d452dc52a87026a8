"""How many pulls of a snapshot are kept: a rebuild needs the newest only, older ones show what the source once had."""

from orchestration.landing.pulling.pull import list_pulls
from orchestration.programme.extracts import Entry
from orchestration.programme.folder import ProgrammeFolder


def prune_pulls(folder: ProgrammeFolder, entry: Entry, keep: int) -> int:
    """Remove all but the newest `keep` pulls of a snapshot; returns how many. Pulls by a cursor and fetched files are
    kept: each has rows that no other has."""
    if entry.delivery != "snapshot" or entry.files is not None:
        return 0
    old = list_pulls(folder, entry)[:-keep]
    for file in old:
        file.unlink()
    return len(old)
