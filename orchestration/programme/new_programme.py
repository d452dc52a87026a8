"""The files that a new programme starts with."""

import re
import shlex
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

from orchestration.programme.documents import read_document
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.plan import check_plan
from orchestration.programme.programme import TEMPLATES
from orchestration.programme.registries import KPIS_FILE, read_kpis
from orchestration.programme.settings import check_settings

# What the connection of a new programme to a database is called, and the variable that holds its password.
DATABASE = "shop_db"
PASSWORD = "SHOP_DB_PASSWORD"
# The options of plan.yml that can be chosen for a new programme, all of them once in the template.
CHOICES = ("currency", "timezone", "owner", "target", "baseline", "starts_on", "ends_on")


class CannotCreateProgramme(Exception):
    """Nothing was written; the message gives the reason and what to do."""


def create_programme(
    folder: ProgrammeFolder, choices: Mapping[str, str] | None = None, database: str = ""
) -> list[str]:
    """Write plan.yml, extracts.yml, landing/ and .gitignore; returns the names of what was written.

    `choices` are values of CHOICES; with a target, the first goal is of this year unless its days are given. With the
    URL of a database, settings.yml has it as the connection DATABASE, without its password. An existing landing/,
    settings.yml or .gitignore is kept. Raises CannotCreateProgramme if there is a plan.yml or extracts.yml, the path is
    a file or a choice is not valid, OSError if the folder cannot be written.
    """
    if folder.path.exists() and not folder.path.is_dir():
        raise CannotCreateProgramme(f"{folder.path} is not a folder. Name another one")
    checked = [folder.plan_file, folder.extracts_file, *([folder.settings_file] if database else [])]
    present = [file.name for file in checked if file.exists() or file.is_symlink()]
    if present:
        raise CannotCreateProgramme(
            f"{folder.path} has {' and '.join(present)} already, and nothing was overwritten."
            f" To run it: make nightly PROGRAMME={shlex.quote(str(folder.path))}"
        )
    files = {
        folder.plan_file: write_plan(choices or {}),
        folder.extracts_file: _read_template("extracts.yml"),
        folder.path / ".gitignore": _read_template("gitignore"),
    }
    if database:
        files[folder.settings_file] = write_settings(database)
    folder.path.mkdir(parents=True, exist_ok=True)
    written = []
    for target, text in files.items():
        if not target.exists():
            with target.open("x", encoding="utf-8") as opened:
                opened.write(text)
            written.append(target.name)
    if not folder.landing.exists():
        folder.landing.mkdir()
        written.append("landing/")
    return written


def write_plan(choices: Mapping[str, str], today: date | None = None) -> str:
    """plan.yml of the template with the choices in it. Raises CannotCreateProgramme if one is not valid."""
    chosen = {name: value.strip() for name, value in choices.items() if value.strip()}
    text = _read_template("plan.yml")
    if "target" in chosen:
        year = (today or date.today()).year
        chosen = {"starts_on": f"{year}-01-01", "ends_on": f"{year}-12-31", **chosen, "evidence": "tracked"}
    for name, value in chosen.items():
        if not value.isprintable():
            raise CannotCreateProgramme(f"{name.upper()} has a line break in it. Write it in one line")
        # Quoted, because a value may have a colon or a # in it.
        written = value if re.fullmatch(r"[\w.+/@-]+", value) else "'" + value.replace("'", "''") + "'"
        before, option, after = re.split(rf"^( *)#?{name}: \S+", text, maxsplit=1, flags=re.MULTILINE)
        text = f"{before}{option}{name}: {written}{after}"
    with TemporaryDirectory() as place:
        file = Path(place, "plan.yml")
        file.write_text(text, encoding="utf-8")
        document = read_document(file)
        _, problems = check_plan(document, read_kpis(KPIS_FILE))
    if found := [*document.problems, *problems]:
        reasons = "\n".join(f"{problem.message}. {problem.remedy}" for problem in found)
        raise CannotCreateProgramme(f"Nothing was written, because plan.yml would not be valid:\n{reasons}")
    return text


def write_settings(database: str) -> str:
    """settings.yml with a connection to a database. A password in its URL is replaced by a variable.

    Raises CannotCreateProgramme if the URL is not one of a database."""
    url = hide_password(database.strip())
    text = f"connections:\n  {DATABASE}: '{url}'\n"
    with TemporaryDirectory() as place:
        file = Path(place, "settings.yml")
        file.write_text(text, encoding="utf-8")
        document = read_document(file)
        settings, problems = check_settings(document)
    if found := [*document.problems, *problems]:
        reasons = "\n".join(f"{problem.message}. {problem.remedy}" for problem in found)
        raise CannotCreateProgramme(f"DATABASE cannot be used: {reasons}")
    if settings.connections[DATABASE].kind != "database":
        raise CannotCreateProgramme(
            "DATABASE is no database. Write its URL, such as postgresql://reader@db.internal/shop, or write another"
            " connection into settings.yml"
        )
    return text


def hide_password(url: str) -> str:
    """The URL with a variable for its password, which is looked for in the environment.

    >>> hide_password("postgres://reader:s3cret@db.internal:5432/shop?sslmode=require")
    'postgresql://reader:${SHOP_DB_PASSWORD}@db.internal:5432/shop?sslmode=require'
    >>> hide_password("sqlite:////srv/shop.sqlite")
    'sqlite:////srv/shop.sqlite'
    """
    try:
        scheme, place, *rest = urlsplit(url)
    except ValueError:
        return url
    account, at, server = place.rpartition("@")
    if not at:
        return url
    scheme = "postgresql" if scheme == "postgres" else scheme
    return urlunsplit((scheme, f"{account.partition(':')[0]}:${{{PASSWORD}}}@{server}", *rest))


def _read_template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
