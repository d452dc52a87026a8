"""README.md, CONTRIBUTING.md and docs/ against the code: what they name exists, and what exists is named."""

import ast
import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from orchestration.cli.formats import PAGE, write_page
from orchestration.landing.content import LIMITS
from orchestration.programme.contract import read_contract, read_formats
from orchestration.programme.extracts import Entry
from orchestration.programme.plan import EVIDENCE_KINDS, EVIDENCE_LEVELS, Filter, Goal, Objective, Plan, Step
from orchestration.programme.programme import read_programme
from orchestration.programme.registries import KPIS_FILE, read_attribution_models, read_kpis
from orchestration.programme.repository import DBT_PROJECT, REPOSITORY
from orchestration.programme.settings import Settings
from orchestration.publishing.marts import read_marts

FOLDERS = ("docs", "bi", "benchmarks", "sample", "dbt_project/methods")
PAGES = sorted(chain(REPOSITORY.glob("*.md"), *((REPOSITORY / folder).glob("*.md") for folder in FOLDERS)))
CONFIGURATION = REPOSITORY / "docs" / "configuration.md"
LINK = re.compile(r"(?:\]\(|srcset=\"|src=\")(?P<target>[^)\"\s]+)[)\"]")
# Whole paths of the repository in backticks, without placeholders and patterns.
CODE_PATH = re.compile(
    r"`((?:\.github|benchmarks|bi|dbt_project|docs|expectations|orchestration|sample|tests)/[\w./-]*)`"
)
# Of the run itself or of tools, not for users to set.
NOT_OPTIONS = {"PATH", "VIRTUAL_ENV", "DAGSTER_DISABLE_TELEMETRY"}


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def read_section(page: Path, title: str) -> str:
    """The text under `## title`, up to the next heading of that level."""
    return read(page).partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def list_anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", read(page), flags=re.DOTALL), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def list_named(text: str) -> set[str]:
    """Everything in backticks in the first two columns of the text's tables."""
    rows = [line.split("|")[1:3] for line in text.splitlines() if line.startswith("|")]
    return {name for row in rows for cell in row for name in re.findall(r"`([\w.]+)`", cell)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_relative_link_resolves(page: Path):
    broken = []
    for target in LINK.findall(read(page)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        linked = (page.parent / file).resolve() if file else page
        if not linked.exists() or (anchor and anchor not in list_anchors(linked)):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_path_that_a_page_names_exists(page: Path):
    assert not [path for path in CODE_PATH.findall(read(page)) if not (REPOSITORY / path).exists()]


def test_the_readme_is_short():
    assert len(read(REPOSITORY / "README.md").splitlines()) <= 150


def test_the_readme_names_every_make_target():
    targets = re.findall(r"^([a-z-]+):.*##", read(REPOSITORY / "Makefile"), flags=re.MULTILINE)
    assert {"nightly", "test", "lineage"} <= set(targets)
    readme = read(REPOSITORY / "README.md")
    assert not [target for target in targets if f"`make {target}`" not in readme]


@pytest.mark.parametrize(
    ("section", "model"),
    [
        *(("plan.yml", model) for model in (Plan, Objective, Goal, Step)),
        ("extracts.yml", Entry),
        ("settings.yml", Settings),
    ],
)
def test_every_option_is_documented(section: str, model: type[BaseModel]):
    documented = list_named(read_section(CONFIGURATION, section))
    assert not {field.alias or name for name, field in model.model_fields.items()} - documented


def test_every_filter_of_a_goal_is_documented():
    [sentence] = [
        part for part in read_section(CONFIGURATION, "plan.yml").split("\n\n") if part.startswith("`only` takes")
    ]
    assert set(Filter.model_fields) <= set(re.findall(r"`(\w+)`", sentence))


def list_variables() -> Iterator[str]:
    """Environment variables that the Python code of orchestration/ and of dbt's plugins reads or sets by name, and those
    of dbt's env_var()."""
    for file in chain((REPOSITORY / "orchestration").rglob("*.py"), (DBT_PROJECT / "plugins").glob("*.py")):
        for node in ast.walk(ast.parse(read(file))):
            match node:
                case ast.Call(func=ast.Attribute(value=value, attr="get" | "pop" | "setdefault"), args=[key, *_]):
                    pass
                case ast.Call(func=ast.Attribute(attr="getenv"), args=[key, *_]):
                    value = ast.parse("os.environ", mode="eval").body
                case ast.Subscript(value=value, slice=key):
                    pass
                case _:
                    continue
            if ast.unparse(value).endswith("environ") and isinstance(key, ast.Constant):
                yield key.value
    yield from LIMITS  # which read_limit() reads
    for file in chain(DBT_PROJECT.glob("*.yml"), (DBT_PROJECT / "macros").glob("*.sql")):
        yield from re.findall(r"env_var\('(\w+)'", read(file))


def test_every_environment_variable_is_documented():
    variables = set(list_variables()) - NOT_OPTIONS
    assert {"PROGRAMME", "AS_OF", "MEMORY_LIMIT", "WAREHOUSE_FILE"} <= variables
    assert not variables - list_named(read_section(CONFIGURATION, "Environment variables"))


def test_no_environment_variable_is_documented_that_nobody_reads():
    documented = {name for name in list_named(read_section(CONFIGURATION, "Environment variables")) if name.isupper()}
    assert not documented - set(list_variables())


def test_every_extract_format_and_kpi_is_documented():
    documented = list_named(read_section(CONFIGURATION, "extracts.yml"))
    assert not {*read_contract(), *read_formats()} - documented
    goals = {kpi.name for kpi in read_kpis(KPIS_FILE).values() if kpi.can_be_goal}
    assert not goals - list_named(read_section(CONFIGURATION, "plan.yml"))


def test_the_page_of_formats_is_what_their_declarations_say():
    assert read(PAGE) == write_page(), "run .venv/bin/python -m orchestration.cli.formats"


def test_every_attribution_model_and_kind_of_evidence_is_documented():
    documented = list_named(read(REPOSITORY / "docs" / "attribution.md"))
    assert not {*read_attribution_models(), *EVIDENCE_KINDS} - documented
    plan = read_section(CONFIGURATION, "plan.yml")
    assert not [level for level in EVIDENCE_LEVELS if f"`{level}`" not in plan]


def test_every_mart_is_in_the_list_for_bi():
    marts = {mart.table for mart in read_marts(DBT_PROJECT / "target" / "manifest.json")}
    assert list_named(read_section(REPOSITORY / "bi" / "README.md", "Marts")) == marts


def test_the_example_of_the_configuration_is_valid(tmp_path: Path):
    for name in ("plan.yml", "extracts.yml"):
        example = read_section(CONFIGURATION, name).partition("```yaml\n")[2].partition("```")[0]
        (tmp_path / name).write_text(example, encoding="utf-8")
    (tmp_path / "landing").mkdir()
    programme = read_programme(tmp_path)
    assert len(programme.entries) == 2
    options = set(YAML(typ="safe").load((tmp_path / "plan.yml").read_text(encoding="utf-8")))
    assert options == set(Plan.model_fields)
    [goal] = programme.plan.objectives[0].goals
    assert not [name for name in Goal.model_fields if getattr(goal, name) is None]


def test_the_keys_of_latest_json_are_those_that_bi_reads(sample_run):
    latest = json.loads((sample_run.programme / "published" / "latest.json").read_text())
    table = read_section(REPOSITORY / "bi" / "README.md", "Files")
    assert set(latest) == {name for name in list_named(table) if name.isidentifier()}


def test_every_page_that_code_names_exists():
    folders = ("orchestration", "expectations", "dbt_project", "benchmarks", "bi", "sample", "tests")
    endings = {".py", ".sql", ".yml", ".yaml", ".toml", ".jinja"}
    generated = {"target", "logs", "__pycache__"}
    # What `make nightly` derives for the sample; dbt makes folders there that are called after files.
    derived = tuple(REPOSITORY / "sample" / "programme" / name for name in ("warehouse", "published", "quarantine"))
    files = [
        file
        for folder in folders
        for file in (REPOSITORY / folder).rglob("*")
        if file.suffix in endings and not any(file.is_relative_to(place) for place in derived)
    ]
    named = {
        (page, str(file.relative_to(REPOSITORY)))
        for file in [*files, REPOSITORY / "Makefile", REPOSITORY / "pyproject.toml"]
        if not generated & set(file.parts)
        for page in re.findall(r"docs/\w+\.md", read(file))
    }
    assert ("docs/architecture.md", "pyproject.toml") in named
    assert not sorted((page, file) for page, file in named if not (REPOSITORY / page).exists())
