"""The data dictionary for BI users: every published mart on one page, with the meaning of each column.

Descriptions, tests and expectations come from the dbt project and expectations/; no text is added here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from expectations.suites import Check
from orchestration.publishing.marts import FAMILY_OF_SCHEMA, SCHEMAS

HERE = Path(__file__).parent
# Shares the style sheet of the report.
STYLE = HERE.with_name("report")


@dataclass(frozen=True)
class Column:
    name: str
    data_type: str
    description: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A mart; `grain` is the last sentence of its description ("One row per …")."""

    schema: str
    name: str
    family: str
    about: str
    grain: str
    columns: tuple[Column, ...]
    tests: tuple[str, ...]
    checks: tuple[Check, ...]

    @property
    def label(self) -> str:
        return f"{self.schema}.{self.name}"


@cache
def make_environment() -> Environment:
    return Environment(
        loader=FileSystemLoader([HERE, STYLE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def make_dictionary(
    manifest: Mapping[str, Any], checks: Mapping[str, Sequence[Check]], kpis: Sequence[Mapping[str, Any]]
) -> str:
    """The whole page; `checks` of expectations/ by mart, `kpis` with kpi, family, unit, definition and can_be_goal."""
    about = {group["name"]: group["description"] for group in manifest["groups"].values()}
    tables = read_tables(manifest, checks)
    return (
        make_environment()
        .get_template("dictionary.html.jinja")
        .render(
            schemas=[(name, about[name], [table for table in tables if table.schema == name]) for name in SCHEMAS],
            kpis=kpis,
        )
    )


def read_tables(manifest: Mapping[str, Any], checks: Mapping[str, Sequence[Check]]) -> list[Table]:
    """The published marts, by name."""
    tests = list(iterate_tests(manifest))
    return sorted(
        (
            read_table(node, [(column, test) for key, column, test in tests if key == node["unique_id"]], checks)
            for node in manifest["nodes"].values()
            if node["resource_type"] == "model" and node["schema"] in SCHEMAS
        ),
        key=lambda table: table.name,
    )


def read_table(
    node: Mapping[str, Any], tests: Sequence[tuple[str | None, str]], checks: Mapping[str, Sequence[Check]]
) -> Table:
    about, start, grain = node["description"].strip().rpartition("One row per ")
    return Table(
        node["schema"],
        node["alias"],
        FAMILY_OF_SCHEMA[node["schema"]],
        about.strip(),
        f"{start}{grain}",
        tuple(
            Column(
                column["name"],
                column["data_type"],
                column["description"],
                (
                    *("never empty" for constraint in column["constraints"] if constraint["type"] == "not_null"),
                    *(test for name, test in tests if name == column["name"]),
                ),
            )
            for column in node["columns"].values()
        ),
        tuple(test for name, test in tests if name is None),
        tuple(checks.get(f"{node['schema']}.{node['alias']}", ())),
    )


def iterate_tests(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str | None, str]]:
    """Each test of a model: the model's unique id, the column (None: the whole table) and the test in words."""
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node.get("attached_node"):
            yield node["attached_node"], node.get("column_name"), describe_test(node["test_metadata"])


def describe_test(test: Mapping[str, Any]) -> str:
    """Name and arguments of a test: `accepted values: a, b`."""
    arguments = {name: value for name, value in test["kwargs"].items() if name not in ("model", "column_name")}
    values = [", ".join(map(str, value)) if isinstance(value, list) else str(value) for value in arguments.values()]
    return str(test["name"]).replace("_", " ") + (f": {'; '.join(values)}" if values else "")
