"""Which closed months a version changes, and why: its marts compared with those of the version before it.

A month is closed when `lookback_days` + 1 days have passed since its end, counted on the day of the version before. An
earlier release may have published other columns: those that both versions have are compared.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

import duckdb

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.sql import quote_literal, quote_name
from orchestration.publishing.files import DATABASE
from orchestration.runtime.connections import connect, fetch_dicts, read_building_memory_limit
from orchestration.runtime.messages import shorten_list
from orchestration.runtime.redaction import redact_people, redact_values
from orchestration.warehouse.database import warehouse_file

QUERY = Path(__file__).with_suffix(".sql")
FIGURES = {
    "month": "date",
    "orders": "double",
    "net_revenue": "decimal(18, 2)",
    "new_customers": "double",
    "referred_customers": "double",
    "cost": "decimal(18, 2)",
    "contribution_margin": "decimal(18, 2)",
}
# What is compared of the schema `results`: keys first, which both versions must have. Shares of orders are rounded to
# 6 places in the marts.
KEYS = {
    "orders": {"shop": "varchar", "order_id": "varchar", "ordered_on": "date", "sold": "decimal(18, 2)"},
    "credits": {"shop": "varchar", "order_id": "varchar", "partner_id": "varchar", "credit_ratio": "double"},
    "evidence": {"evidence": "varchar", "month": "date", "net_revenue": "decimal(18, 2)"},
    "partners": {"partner_id": "varchar", "month": "date", "cost": "decimal(18, 2)"},
    "campaigns": {"campaign_id": "varchar", "month": "date"},
    "relationships": {"relationship": "varchar", "month": "date"},
}
COMPARED = {
    "orders": {
        **KEYS["orders"],
        "cost_of_goods": "decimal(18, 2)",
        "is_renewal": "boolean",
        "customer_id": "varchar",
        "is_new_customer": "boolean",
        "evidence": "varchar",
        "partner_id": "varchar",
        "campaign_id": "varchar",
    },
    "credits": {**KEYS["credits"], "relationship": "varchar", "campaign_id": "varchar"},
    "evidence": {**KEYS["evidence"], "orders": "double"},
    **{name: {**KEYS[name], **FIGURES} for name in ("partners", "campaigns", "relationships")},
}
# Columns that are made of published ones.
MADE = {
    "sold": ("net_revenue + refunded", {"net_revenue", "refunded"}),
    "cost_of_goods": (
        "case when has_cost_of_goods then net_revenue - contribution_margin end",
        {"has_cost_of_goods", "net_revenue", "contribution_margin"},
    ),
}
OF_A_MODEL = ("credits", "partners", "campaigns", "relationships")
NAMED_FILES = 2
SHOWN = 20


class NotComparable(Exception):
    """The version before cannot be compared; the message says why."""


@dataclass(frozen=True)
class RestatedMonth:
    """A closed month that differs. Each order counts once; `refunds` and `costs` are how much more of them the month
    has (reporting currency), None if as much; `marts` differ, `files` brought late and corrected orders."""

    month: date
    late_orders: int
    gone_orders: int
    corrected_orders: int
    orders_of_other_people: int
    orders_credited_otherwise: int
    orders_of_new_or_returning: int
    refunds: Decimal | None
    costs: Decimal | None
    marts: Sequence[str]
    files: Sequence[str]

    def describe(self, currency: str, changes: Sequence[str] = ()) -> str:
        """Such as `2 late orders, 1 corrected order (orders_2026-08.csv)`; `changes` beside the data come last."""
        reasons = list(self._list_reasons(currency))
        return ", ".join([*(reasons or [f"other figures in {', '.join(self.marts)}"]), *changes])

    def _list_reasons(self, currency: str) -> Iterator[str]:
        delivered = [
            *count_orders(self.late_orders, "late order", "late orders"),
            *count_orders(self.corrected_orders, "corrected order", "corrected orders"),
        ]
        if delivered and self.files:
            names = [redact_people(PurePosixPath(file).name) for file in self.files]
            delivered[-1] += f" (in {', '.join(shorten_list(names, NAMED_FILES))})"
        yield from delivered
        yield from count_orders(self.gone_orders, "order gone", "orders gone")
        yield from count_orders(
            self.orders_of_other_people,
            "order of a person merged, cut or erased",
            "orders of people merged, cut or erased",
        )
        yield from count_orders(self.orders_credited_otherwise, "order credited otherwise", "orders credited otherwise")
        yield from count_orders(
            self.orders_of_new_or_returning,
            "order changed between new and returning customer",
            "orders changed between new and returning customer",
        )
        if self.refunds is not None:
            yield f"refunds {self.refunds:+,.2f} {currency}"
        if self.costs is not None:
            yield f"costs {self.costs:+,.2f} {currency}" if self.costs else "costs of other partners"


@dataclass(frozen=True)
class Restatement:
    """What latest.json holds as `restated`: `since` is the version before (None if there is none), `months` maps each
    closed month that differs (2026-03) to why, `problem` says why nothing was compared."""

    since: str | None
    months: Mapping[str, str]
    problem: str | None = None

    def describe(self) -> list[str]:
        """A heading and a line for each month; nothing if no closed month changed."""
        before = f"version {self.since}" if self.since else "the version before"
        if self.problem:
            return [f"Closed months could not be compared with {before}: {self.problem}"]
        if not self.months:
            return []
        lines = shorten_list([f"  {month}: {why}" for month, why in self.months.items()], SHOWN)
        return [f"Closed months that changed since {before}:", *lines]


def read_restatement(latest: Mapping[str, Any]) -> Restatement:
    """What the content of latest.json says; nothing if an earlier release wrote it."""
    known = latest.get("restated")
    return Restatement(**known) if isinstance(known, dict) else Restatement(None, {})


def find_restated_months(
    folder: ProgrammeFolder, last: Mapping[str, Any], latest: Mapping[str, Any], marts: Path
) -> Restatement:
    """Compare `marts`, which are about to be published, with the version that latest.json names now.

    `last` and `latest` are the content of latest.json before and after. That the version before is gone or damaged
    keeps nothing from being published: the result says so.
    """
    if not last and not folder.published_marts.exists():
        return Restatement(None, {})
    since = last["version"] if isinstance(last.get("version"), str) else None
    try:
        before = find_marts(folder, last)
        months = compare_marts(folder, before, marts, find_open_from(last, latest), find_models(last, latest))
    except (NotComparable, duckdb.Error) as error:
        return Restatement(since, {}, redact_values(str(error)).splitlines()[0])
    changes = describe_changes(last, latest)
    return Restatement(since, {f"{month.month:%Y-%m}": month.describe(latest["currency"], changes) for month in months})


def find_marts(folder: ProgrammeFolder, last: Mapping[str, Any]) -> Path:
    """The database of the version before: its own copy, because readers may write into the newest. Raises
    NotComparable."""
    if not isinstance(last.get("version"), str):
        raise NotComparable("latest.json does not name it")
    marts = folder.versions / last["version"] / DATABASE
    if not marts.is_file():
        raise NotComparable(f"{marts} is gone")
    return marts


def find_open_from(last: Mapping[str, Any], latest: Mapping[str, Any]) -> date:
    """The first day of the first month that was not closed on the day of both versions. Raises NotComparable."""
    try:
        days = [
            date.fromisoformat(version["as_of"]) - timedelta(days=version["plan"]["lookback_days"])
            for version in ({"plan": latest["plan"], **last}, latest)
        ]
    except (KeyError, TypeError, ValueError, OverflowError):
        raise NotComparable("latest.json does not say for which day it was made") from None
    return min(days).replace(day=1)


def find_models(last: Mapping[str, Any], latest: Mapping[str, Any]) -> dict[str, str]:
    """The attribution model of the plan, before and after."""
    after = latest["attribution_model"]
    return {"before": str(last.get("attribution_model", after)), "after": after}


def describe_changes(last: Mapping[str, Any], latest: Mapping[str, Any]) -> list[str]:
    """What else changed between the versions: plan.yml, with the options that figures of months depend on, and the
    project. Each as JSON, as it is in latest.json."""
    changes = []
    before, after = last.get("plan"), json.loads(json.dumps(latest["plan"]))
    if isinstance(before, dict):
        if options := [name for name in after if name in before and before[name] != after[name]]:
            changes.append(f"plan.yml changed ({', '.join(options)})")
    else:
        changes.append("maybe a changed plan.yml (the last version does not say)")
    if last.get("project") != latest["project"]:
        changes.append("another release or changed code")
    return changes


def compare_marts(
    folder: ProgrammeFolder, before: Path, after: Path, open_from: date, models: Mapping[str, str]
) -> list[RestatedMonth]:
    """The closed months that differ between two published databases, in their order. `models` are the attribution
    models of the plan, `before` and `after`. Raises NotComparable, duckdb.Error."""
    warehouse = warehouse_file(folder)
    workspace = warehouse.parent / "tmp" / "publishing"
    with connect(
        *(warehouse.parent, before.parent, after.parent),
        workspace=workspace,
        memory_limit=read_building_memory_limit(),
    ) as connection:
        for name, file in (("before", before), ("after", after), ("warehouse", warehouse)):
            connection.execute(f"attach {quote_literal(file)} as {name}_version (read_only)")
        for table in COMPARED:
            view_table(connection, table, models)
        view_order_files(connection)
        query = QUERY.read_text(encoding="utf-8")
        found = fetch_dicts(connection.execute(query, {"open_from": open_from}))
    return [RestatedMonth(**month) for month in found]


def view_table(connection: duckdb.DuckDBPyConnection, table: str, models: Mapping[str, str]) -> None:
    """Make the views <table>_before and <table>_after, with the same columns: one that a version lacks is empty in
    both. Raises NotComparable."""
    present = read_columns(connection, "before_version", table) & read_columns(connection, "after_version", table)
    expressions = {}
    for column, type_name in COMPARED[table].items():
        expression, needed = MADE.get(column, (quote_name(column), {column}))
        if needed <= present:
            expressions[column] = f"({expression})::{type_name}"
        elif column in KEYS[table]:
            raise NotComparable(f"results.{table} has other columns than before")
        else:
            expressions[column] = f"null::{type_name}"
    selected = ", ".join(f"{expression} as {column}" for column, expression in expressions.items())
    for name, model in models.items():
        of_model = f" where attribution_model = {quote_literal(model)}" if table in OF_A_MODEL else ""
        connection.execute(
            f"create view {table}_{name} as select {selected} from {name}_version.results.{table}{of_model}"
        )


def view_order_files(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the view order_files: shop, order_id and the file of each order of the warehouse."""
    columns = read_columns(connection, "warehouse_version", "int_orders_priced")
    source = "warehouse_version.intermediate.int_orders_priced"
    known = {"shop", "order_id", "_file"} <= columns
    rows = f"from {source}" if known else "from (select '' as shop, '' as order_id, '' as _file limit 0)"
    connection.execute(f"create view order_files as select shop, order_id, _file as file {rows}")


def read_columns(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> set[str]:
    """The columns of a table or view of an attached database; none if it is not there."""
    rows = connection.execute(
        "select column_name from duckdb_columns() where database_name = $database and table_name = $table"
        " and schema_name in ('results', 'intermediate')",
        {"database": database, "table": table},
    ).fetchall()
    return {column for (column,) in rows}


def count_orders(number: int, one: str, several: str) -> Iterator[str]:
    """The number with its noun; nothing for 0."""
    if number:
        yield f"{number:,} {one if number == 1 else several}"
