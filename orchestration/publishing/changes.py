"""What is different between two versions: goals that changed their status, months whose figures changed, and sources of
rows that match nothing and did not before. Why closed months changed is found by restated_months.py."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from orchestration.programme.sql import quote_literal
from orchestration.publishing.report.figures import format_count, format_number
from orchestration.runtime.connections import connect

GOALS = """
    select coalesce(after.goal_id, before.goal_id) as goal_id, before.status as was, after.status as is_now
    from after_version.goals.progress as after
    full join before_version.goals.progress as before using (goal_id)
    where before.status is distinct from after.status
    order by goal_id
"""
MONTHS = """
    with
        before as (
            select month, sum(orders)::bigint as orders, sum(net_revenue) as net_revenue
            from before_version.results.evidence
            group by month
        ),
        after as (
            select month, sum(orders)::bigint as orders, sum(net_revenue) as net_revenue
            from after_version.results.evidence
            group by month
        )
    select
        month,
        coalesce(after.orders, 0) - coalesce(before.orders, 0) as orders,
        coalesce(after.net_revenue, 0) - coalesce(before.net_revenue, 0) as net_revenue
    from after
    full join before using (month)
    where (before.orders, before.net_revenue) is distinct from (after.orders, after.net_revenue)
    order by month
"""
UNMATCHED = """
    select extract, source, reason, rows
    from after_version.results.unmatched
    anti join before_version.results.unmatched using (extract, source, reason)
    order by rows desc, extract, source, reason
"""


def describe_changes(before: Path, after: Path, currency: str) -> list[str]:
    """One sentence for each difference between the marts of two versions; empty where they say the same.

    A version of an earlier release may lack what is compared, and the version before may be damaged or gone; then one
    sentence says so. Raises duckdb.Error if `after` cannot be read.
    """
    with connect(before.parent, after.parent) as connection:
        connection.execute(f"attach {quote_literal(after)} as after_version (read_only)")
        try:
            connection.execute(f"attach {quote_literal(before)} as before_version (read_only)")
            return [
                *_describe_goals(connection),
                *_describe_months(connection, currency),
                *_describe_unmatched(connection),
            ]
        except (duckdb.CatalogException, duckdb.BinderException):
            return ["The version before is of an earlier release and cannot be compared."]
        except duckdb.Error:
            connection.execute("from after_version.goals.progress limit 0")
            return ["The version before is damaged or gone, and cannot be compared."]


def find_marts(published: Path, latest: Mapping[str, Any], version: str) -> Path:
    """The marts of a kept version. Raises LookupError with the versions that there are."""
    known = [name for name in latest.get("versions", ()) if isinstance(name, str)]
    marts = published / "versions" / version / "marts.duckdb"
    if version not in known or not marts.is_file():
        raise LookupError(f"there is no version {version}. The kept versions are {', '.join(known) or 'none'}")
    return marts


def _describe_goals(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    for goal, was, is_now in connection.execute(GOALS).fetchall():
        if was is None:
            yield f"Goal {goal} is new: {is_now}."
        elif is_now is None:
            yield f"Goal {goal} is no longer in the plan; it was {was}."
        else:
            yield f"Goal {goal} was {was} and is {is_now}."


def _describe_months(connection: duckdb.DuckDBPyConnection, currency: str) -> Iterator[str]:
    for month, orders, net_revenue in connection.execute(MONTHS).fetchall():
        yield (
            f"{month:%B %Y}: {_sign(orders)}{format_count(abs(orders))} {'order' if abs(orders) == 1 else 'orders'},"
            f" {_sign(net_revenue)}{format_number(abs(net_revenue))} {currency} of net revenue."
        )


def _describe_unmatched(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    for extract, source, reason, rows in connection.execute(UNMATCHED).fetchall():
        yield f"New in what joins nothing: {rows:,} {'row' if rows == 1 else 'rows'} of {extract} ({source}): {reason}."


def _sign(figure: Any) -> str:
    return "−" if figure < 0 else "+"
