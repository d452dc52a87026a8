"""Forgets who is named by CUSTOMER, or by each line of CUSTOMER_FILE (`-`: standard input), and publishes a night
without them.

First the record (orchestration/landing/erased_people.py), so that nothing brings them back. Then a whole night: landing
takes them out of raw and quarantine, the warehouse is built anew, and earlier nights are removed. At last a search,
file by file, for what still names them. A run that dies on the way, or whose night fails, is made good by the next
night; what was published before stands until then.
"""

import os
import sys
from pathlib import Path

from orchestration.cli.nightly import check_programme, run
from orchestration.landing.erased_people import PseudonymKeyChanged, add_erased_people, hash_ids
from orchestration.landing.erasure_search import find_files_that_name
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.problems import ProgrammeError
from orchestration.runtime.disk_space import DiskNotUsable
from orchestration.runtime.environment import find_as_of, find_folder
from orchestration.runtime.lock import AlreadyRunning, NoLocks, hold_lock

LEAST_LETTERS = 6
USAGE = """\
Say who: make forget CUSTOMER=their-id, or CUSTOMER_FILE=/path/to/ids with one id a line (- to type them).
Give every id that your exports know them by, and their e-mail addresses."""


def main() -> int:
    folder = find_folder()
    try:
        find_as_of()
        ids = read_ids()
        if not ids:
            print(USAGE, file=sys.stderr)
            return 1
        check_programme(folder)
        with hold_lock(folder, "make forget"):
            new = add_erased_people(folder, ids)
            print(f"{len(ids)} given, {new} new in {folder.forgotten_file}")
            status = run("nightly", folder)
        return max(status, tell_what_is_left(folder, ids, is_published=status == 0))
    except (ProgrammeError, AlreadyRunning, NoLocks, DiskNotUsable, PseudonymKeyChanged, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1


def read_ids() -> list[str]:
    """Without blanks around them and without repetition; empty lines are none."""
    lines = [os.environ.get("CUSTOMER", "")]
    if file := os.environ.get("CUSTOMER_FILE", "").strip():
        lines += (sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")).splitlines()
    return list(dict.fromkeys(line.strip() for line in lines if line.strip()))


def tell_what_is_left(folder: ProgrammeFolder, ids: list[str], is_published: bool) -> int:
    """Which files still name somebody; gives 1 if one that we made does."""
    pseudonyms = [pseudonym for pseudonym, _ in hash_ids(folder, ids).values()]
    # A number like 17 stands in any file, and means a customer in none of ours: there, they are pseudonyms.
    telling = [text for text in ids if len(text) >= LEAST_LETTERS]
    delivered = find_files_that_name(folder.landing, ids)
    derived = (folder.warehouse, folder.quarantine, folder.published)
    ours = [file for place in derived for file in find_files_that_name(place, [*telling, *pseudonyms])]
    if delivered:
        print("\nlanding/ is yours, and was not touched. These files still name them; delete or correct them there:")
        print("\n".join(f"  {file.relative_to(folder.path)}" for file in delivered))
    if ours:
        print("\nNOT FORGOTTEN YET. These files still name them:")
        print("\n".join(f"  {file.relative_to(folder.path)}" for file in ours))
        if not is_published:
            print("What to do: mend what made the night fail. The next night that is published is without them.")
    elif is_published:
        print("\nForgotten: nothing that was made from landing names them.")
    return 1 if ours else 0


if __name__ == "__main__":
    sys.exit(main())
