"""A programme: its folder, the plan of the team, and what its files are."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.programme.contract import Extract, read_contract, read_formats
from orchestration.programme.documents import read_document
from orchestration.programme.extracts import Entry, EntryContext, check_entries
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.plan import Plan, PlanContext, check_plan
from orchestration.programme.problems import Problem, ProgrammeError
from orchestration.programme.registries import KPIS_FILE, read_attribution_models, read_kpis
from orchestration.programme.settings import Settings, check_settings

# What `make new` lays out.
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
        return self.tables[entry.feeds or entry.format]

    def find_timezone(self, entry: Entry) -> str:
        """The zone of times that carry none: what the entry says, else what the vendor always uses, else the plan's."""
        declared = self.find_table(entry).format
        always = declared.timezone if declared and declared.timezone not in ("carried", "entry") else None
        return entry.timezone or always or self.plan.timezone


def read_programme(path: Path | str, kpis_file: Path = KPIS_FILE) -> Programme:
    """Read and check plan.yml, extracts.yml and settings.yml of a folder; raises ProgrammeError with every problem."""
    folder = ProgrammeFolder(Path(path).absolute())
    missing = _find_missing(folder)
    if missing:
        raise ProgrammeError(missing)
    contract = read_contract()
    plan_document, extracts_document = read_document(folder.plan_file), read_document(folder.extracts_file)
    problems = [*plan_document.problems, *extracts_document.problems]

    plan = None
    if not _is_unreadable(plan_document.data, plan_document.problems):
        relationships = contract["partners"].find_column("relationship").accepted
        context = PlanContext(read_kpis(kpis_file), relationships, read_attribution_models())
        plan, found = check_plan(plan_document, context)
        problems += found
    entries: list[Entry] = []
    if not _is_unreadable(extracts_document.data, extracts_document.problems):
        context = EntryContext(contract, read_formats())
        entries, found = check_entries(extracts_document, context, plan.timezone if plan else "UTC")
        problems += found

    has_settings = folder.settings_file.exists()
    settings, found = check_settings(read_document(folder.settings_file) if has_settings else None)
    problems += found

    if problems or plan is None:
        raise ProgrammeError(sorted(set(problems), key=_order_problem))
    return Programme(folder, plan, tuple(entries), {**contract, **read_formats()}, settings)


def _order_problem(problem: Problem) -> tuple[bool, int, str]:
    return problem.file != "plan.yml", problem.line or 0, problem.message


def _is_unreadable(data: object, problems: tuple[Problem, ...]) -> bool:
    return data is None and bool(problems)


def _find_missing(folder: ProgrammeFolder) -> list[Problem]:
    lay_out = f"To lay one out: make new PROGRAMME={shlex.quote(str(folder.path))}"
    if not folder.path.is_dir():
        if folder.path.exists():
            return [Problem(str(folder.path), None, "the programme folder is no folder", "Name another one")]
        return [Problem(str(folder.path), None, "the programme folder does not exist", lay_out)]
    problems = [
        Problem(
            file.name,
            None,
            f"the file is missing in {folder.path}",
            f"To begin with a commented one: cp {shlex.quote(str(TEMPLATES / file.name))} {shlex.quote(str(file))}",
        )
        for file in (folder.plan_file, folder.extracts_file)
        if not file.is_file()
    ]
    if len(problems) == 2:
        return [
            Problem(
                str(folder.path), None, "the folder holds no programme: plan.yml and extracts.yml are missing", lay_out
            )
        ]
    if not folder.landing.is_dir():
        remedy = f"Make the folder {folder.landing} and put the exported files into it"
        problems.append(Problem("landing", None, "the folder is missing", remedy))
    return problems
