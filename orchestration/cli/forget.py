"""`make forget`: erases the customers that CUSTOMER, or each line of CUSTOMER_FILE (`-`: standard input), identifies.

1. Find what else they are known by: any account, e-mail address or telephone number means the whole person.
2. Record all of it (orchestration/landing/erased_people.py), so that no later delivery brings them back.
3. Run the nightly job: it removes them from raw and quarantine, rebuilds the warehouse, publishes, and deletes the
   earlier versions.
4. Search all files for what still identifies them.

If the run is killed or fails, the next run completes the erasure; until then the last published version is unchanged.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from orchestration.cli.nightly import check_programme, run
from orchestration.landing.erased_people import PseudonymKeyChanged, add_erased_people, hash_ids
from orchestration.landing.erasure_search import find_files_that_name
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.problems import ProgrammeError
from orchestration.publishing.targets.targets import list_problems, read_outcomes
from orchestration.runtime.disk_space import DiskNotUsable
from orchestration.runtime.environment import find_as_of, find_folder
from orchestration.runtime.lock import AlreadyRunning, NoLocks, hold_lock
from orchestration.warehouse.identities import Person, find_people

LEAST_LETTERS = 6
USAGE = """\
Whom? make forget CUSTOMER=their-id, or CUSTOMER_FILE=/path/to/ids with one id per line (- to type them).
An account, an e-mail address or a telephone number (+32…) will do. SHOP=… where several shops have the account."""


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
            pseudonyms = {text: pseudonym for text, (pseudonym, _) in hash_ids(folder, ids).items()}
            people = choose_people(find_people(folder, pseudonyms.values()), pseudonyms)
            unknown = [text for text, pseudonym in pseudonyms.items() if pseudonym not in people]
            identifiers = {identifier for person in people.values() for identifier in person.identifiers}
            new = add_erased_people(folder, unknown, identifiers)
            print(f"{len(ids)} ids given, {new} new in {folder.forgotten_file}")
            status = run("nightly", folder)
        remaining = [
            *(pseudonyms[text] for text in unknown),
            *(text for person in people.values() for text in (person.published, *person.own_pseudonyms)),
        ]
        return max(status, report_remaining(folder, ids, remaining, is_published=status == 0))
    except (ProgrammeError, AlreadyRunning, NoLocks, DiskNotUsable, PseudonymKeyChanged, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1


def read_ids() -> list[str]:
    """Trimmed, without repetitions and empty lines."""
    lines = [os.environ.get("CUSTOMER", "")]
    if file := os.environ.get("CUSTOMER_FILE", "").strip():
        lines += (sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")).splitlines()
    return list(dict.fromkeys(line.strip() for line in lines if line.strip()))


def choose_people(found: Mapping[str, list[Person]], pseudonyms: Mapping[str, str]) -> dict[str, Person]:
    """By pseudonym of an id, whom it means. Raises ValueError if it is an account of different people in several shops
    and SHOP does not say which, or of other shops than SHOP."""
    shop = os.environ.get("SHOP", "").strip()
    chosen = {}
    for text, pseudonym in pseudonyms.items():
        known = found.get(pseudonym, [])
        people = [person for person in known if not shop or person.shop in (shop, None)]
        if known and not people:
            shops = ", ".join(sorted(person.shop or "" for person in known))
            raise ValueError(f"'{text}' is an account of {shops}, not of {shop}. Nobody was erased. Correct SHOP")
        if len({person.published for person in people}) > 1:
            shops = ", ".join(sorted(person.shop or "" for person in people))
            raise ValueError(
                f"'{text}' is an account of different people in several shops: {shops}. Nobody was erased. Say which:"
                f" make forget CUSTOMER=… SHOP={people[0].shop}"
            )
        if people:
            chosen[pseudonym] = people[0]
    return chosen


def report_remaining(folder: ProgrammeFolder, ids: list[str], pseudonyms: list[str], is_published: bool) -> int:
    """Print the files that still identify somebody, by id or pseudonym; returns 1 if a derived file does."""
    # Any file may contain a number like 17. Derived files have pseudonyms instead of ids, so short ids are skipped.
    distinctive = [text for text in ids if len(text) >= LEAST_LETTERS]
    delivered = find_files_that_name(folder.landing, ids)
    derived = (folder.warehouse, folder.quarantine, folder.published)
    remaining = [file for place in derived for file in find_files_that_name(place, [*distinctive, *pseudonyms])]
    fetched = [file for file in delivered if file.is_relative_to(folder.landing / "pulled")]
    if exported := [file for file in delivered if file not in fetched]:
        print("\nlanding/ is never changed. These files still identify them; delete or correct them there:")
        print("\n".join(f"  {file.relative_to(folder.path)}" for file in exported))
    if fetched:
        print(
            "\nThese files were pulled, and still name them: in a workbook, in a row that cannot be read, or in the"
            " text of another row. Correct them at the source. Then delete these files (of a table or an API, the whole"
            " folder of the entry) and run make nightly, which pulls them again:"
        )
        print("\n".join(f"  {file.relative_to(folder.path)}" for file in fetched))
    if remaining:
        print("\nNOT ERASED YET. These files still identify them:")
        print("\n".join(f"  {file.relative_to(folder.path)}" for file in remaining))
        if not is_published:
            print("What to do: fix the cause of the failed run. The next published version is without them.")
    elif is_published:
        print("\nErased: no file derived from landing identifies them.")
    behind = list(list_problems(read_outcomes(folder)))
    if behind:
        print("\nNOT ERASED YET where marts are published to. The next run that reaches it completes the erasure:")
        print("\n".join(f"  {problem}" for problem in behind))
    return 1 if remaining or behind else 0


if __name__ == "__main__":
    sys.exit(main())
