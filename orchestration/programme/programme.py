"""A programme: its folder, plan, entries and settings, read and checked together."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.programme.contract import Extract, read_contract, read_formats
from orchestration.programme.documents import Document, read_document
from orchestration.programme.extracts import Entry, check_entries
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.plan import Plan, check_plan
from orchestration.programme.problems import Problem, ProgrammeError
from orchestration.programme.registries import KPIS_FILE, read_kpis
from orchestration.programme.settings import Settings, check_settings

# What `make new` copies.
TEMPLATES = Path(__file__).with_name("template")


@dataclass(frozen=True)
class Programme:
    """What one run works on; `tables` are the tables of raw by name: canonical extracts and formats."""

    folder: ProgrammeFolder
    plan: Plan
    entries: tuple[Entry, ...]
    tables: Mapping[str, Extract]
    settings: Settings

    def find_table(self, entry: Entry) -> Extract:
        """The table of raw that an entry's files go to."""
        return self.tables[entry.table_name]

    def find_timezone(self, entry: Entry) -> str:
        """The zone of times without an offset: the entry's, else the format's fixed one, else the plan's."""
        declared = self.find_table(entry).format
        fixed = declared.timezone if declared and declared.timezone not in ("carried", "entry") else None
        return entry.timezone or fixed or self.plan.timezone


def read_programme(path: Path | str, kpis_file: Path = KPIS_FILE) -> Programme:
    """Read and check plan.yml, extracts.yml and settings.yml of a folder. Raises ProgrammeError with every problem."""
    folder = ProgrammeFolder(Path(path).absolute())
    if missing := _find_missing(folder):
        raise ProgrammeError(missing)
    plan_document, extracts_document = read_document(folder.plan_file), read_document(folder.extracts_file)
    problems = [*plan_document.problems, *extracts_document.problems]

    plan = None
    if not _is_unreadable(plan_document):
        plan, found = check_plan(plan_document, read_kpis(kpis_file))
        problems += found
    has_settings = folder.settings_file.exists()
    settings, found_settings = check_settings(read_document(folder.settings_file) if has_settings else None)
    problems += found_settings
    entries: list[Entry] = []
    if not _is_unreadable(extracts_document):
        connections = None if found_settings else settings.connections
        entries, found = check_entries(extracts_document, plan.timezone if plan else "UTC", connections)
        problems += found

    if problems or plan is None:
        raise ProgrammeError(sorted(set(problems), key=_order_problem))
    return Programme(folder, plan, tuple(entries), {**read_contract(), **read_formats()}, settings)


def _order_problem(problem: Problem) -> tuple[bool, int, str]:
    return problem.file != "plan.yml", problem.line or 0, problem.message


def _is_unreadable(document: Document) -> bool:
    return document.data is None and bool(document.problems)


def _find_missing(folder: ProgrammeFolder) -> list[Problem]:
    create = f"To create one: make new PROGRAMME={shlex.quote(str(folder.path))}"
    if not folder.path.exists():
        return [Problem(str(folder.path), None, "the programme folder does not exist", create)]
    if not folder.path.is_dir():
        return [Problem(str(folder.path), None, "the programme folder is not a folder", "Name another one")]
    missing = [file for file in (folder.plan_file, folder.extracts_file) if not file.is_file()]
    if len(missing) == 2:
        message = "the folder is not a programme: plan.yml and extracts.yml are missing"
        return [Problem(str(folder.path), None, message, create)]
    problems = [
        Problem(
            file.name,
            None,
            f"the file is missing in {folder.path}",
            f"To start from a template: cp {shlex.quote(str(TEMPLATES / file.name))} {shlex.quote(str(file))}",
        )
        for file in missing
    ]
    if not folder.landing.is_dir():
        remedy = f"Make the folder {folder.landing} and put the exported files into it"
        problems.append(Problem("landing", None, "the folder is missing", remedy))
    return problems
