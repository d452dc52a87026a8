"""The summary at the end of `make nightly`: the goals, what is undefined, which closed months changed, what is in
quarantine, and where the report and the marts are. What is published is read from the published files, like any reader
reads it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from orchestration.landing.effects import LAST_WINS, READ_ALIKE, Kind
from orchestration.landing.later_files import REUSED_WARNED
from orchestration.landing.ledger_tables import count_quarantined
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.published import open_published, read_latest
from orchestration.programme.sql import escape_pattern
from orchestration.publishing.report.figures import WHOLE
from orchestration.publishing.restated_months import read_restatement
from orchestration.runtime.connections import connect
from orchestration.runtime.messages import align, shorten_list
from orchestration.runtime.redaction import redact_people
from orchestration.warehouse.database import read_warehouse
from orchestration.warehouse.match_rates import read_match_rates

GOALS = """
    select goal_id, coalesce(kpi, '–') as kpi, unit, baseline, target, actual, status
    from goals.progress
    left join goals.kpis using (kpi)
    order by all
"""
# What is undefined or not started is plain from the table and the list below it.
REASONS = """
    select goal_id, status, reason
    from goals.progress
    where reason is not null and status in ('unknown', 'unproven', 'behind')
    order by all
"""
# What lacks the same elements is one row.
UNDEFINED = """
    with
        things as (
            select
                case
                    when goal_id is not null then 'goal'
                    when campaign_id is not null then 'campaign'
                    when partner_id is not null then 'partner'
                    else 'objective'
                end as kind,
                coalesce(goal_id, campaign_id, partner_id, objective_id) as thing,
                string_agg(element, ', ' order by element) as elements
            from goals.undefined
            group by all
        )
    select kind, elements, list(thing order by length(thing), thing) as things
    from things
    group by kind, elements
    order by list_position(['objective', 'goal', 'campaign', 'partner'], kind), things
"""
UNPAID = """
    select count(*) filter (not is_paid), count(*), sum(net_revenue) filter (not is_paid) from results.orders
"""
UNLISTED = "select problem from intermediate.int_partners_unlisted_described"
# Without the values: they may be personal data.
UNREAD = """
    select extract, coalesce(header, "column"), reason, what_to_do, count(*) as cells
    from read_parquet($quarantine)
    group by all
    order by cells desc, 1, 2, 3, 4
"""
# What rules did to the files that count now. Not worth a line are rows that are meant to be replaced, a restated export
# that corrects a few times, rows that a vendor's format leaves out, and words for empty.
EFFECTS = f"""
    with
        deliveries as (
            select *
            from read_parquet($deliveries)
            qualify delivery_kind = 'append' or last_seen_order = max(last_seen_order) over (partition by entry_id)
        ),
        effects as (select entry, rows_kept, unnest(effects, recursive := true) from deliveries)
    select entry, kind, rule, sum(rows)::bigint as rows
    from effects
    where
        rule not in ('{LAST_WINS}', '{READ_ALIKE}')
        and kind <> '{Kind.REPLACES}'
        and (kind <> '{Kind.DROPPED}' or regexp_matches(rule, '^(keep|drop|orders_per_row): '))
        and (kind <> '{Kind.CHANGED}' or not starts_with(rule, 'empty: '))
        and (kind <> '{Kind.REUSED}' or rows * {REUSED_WARNED} >= rows_kept)
    group by all
    order by entry, kind, rule
"""
PHRASES = {
    Kind.DROPPED: ("row dropped", "rows dropped"),
    Kind.CHANGED: ("value changed", "values changed"),
    Kind.DUPLICATE: ("copy of a row of its file", "copies of a row of their file"),
    Kind.REPLACED: ("row replaced by a later one of its file", "rows replaced by a later one of their file"),
    Kind.REUSED: ("id used again in a later file", "ids used again in a later file"),
    Kind.REPEATED: ("row that another file has too", "rows that another file has too"),
}
SHOWN = 20
# Of many partners or campaigns; goals.undefined has the whole list.
THINGS_SHOWN = 5
LACKS = {
    "goal": ("{things}: {elements}", "{count} goals: {elements}: {things}"),
    "objective": ("{things}: {elements}", "{count} objectives: {elements}: {things}"),
    "campaign": ("campaign {things} serves no objective", "{count} campaigns serve no objective: {things}"),
    "partner": (
        "partner {things} is in no campaign and no step",
        "{count} partners are in no campaign and no step: {things}",
    ),
}
REASONS_SHOWN = 5
HEADERS = ("goal", "KPI", "baseline", "target", "actual", "status")


def summarise(folder: ProgrammeFolder) -> str:
    latest = read_latest(folder)
    restated = read_restatement(latest).describe()
    with open_published(folder.published_marts) as marts:
        goals = marts.execute(GOALS).fetchall()
        moved = marts.execute(
            "select goal_id, what_moved from goals.progress where what_moved is not null order by all"
        ).fetchall()
        reasons = marts.execute(REASONS).fetchall()
        undefined = marts.execute(UNDEFINED).fetchall()
        [(unpaid, orders, unpaid_revenue)] = marts.execute(UNPAID).fetchall()
    with connect(folder.raw) as connection:
        quarantined = sum(count_quarantined(connection, folder).values())
        unread = connection.execute(UNREAD, {"quarantine": find_ledger(folder, "quarantine")}).fetchall()
        effects = connection.execute(EFFECTS, {"deliveries": find_ledger(folder, "deliveries")}).fetchall()
        [(deliveries,)] = connection.execute(
            "select count(*) from read_parquet($deliveries)", {"deliveries": find_ledger(folder, "deliveries")}
        ).fetchall()
        [(currency,)] = connection.execute(
            "select currency from read_parquet($settings)",
            {"settings": escape_pattern(folder.raw / "plan" / "settings.parquet")},
        ).fetchall()
    with read_warehouse(folder) as warehouse:
        unlisted = warehouse.execute(UNLISTED).fetchall()
        unmatched = [rate.describe() for rate in read_match_rates(warehouse) if rate.is_low]
    lines = ["", *format_goals(goals)]
    if reasons:
        shown = shorten_list([f"{goal} is {status}: {redact_people(why)}" for goal, status, why in reasons], SHOWN)
        lines += ["", "Why (goals.progress):", *(f"  {line}" for line in shown)]
    if moved:
        lines += ["", "Goals that were changed while they ran:", *(f"  {goal}: {what}" for goal, what in moved)]
    if undefined:
        shown = shorten_list([format_undefined(*lacking) for lacking in undefined], SHOWN)
        lines += ["", "Still to define (goals.undefined):", *(f"  {line}" for line in shown)]
    if unpaid:
        lines += ["", format_unpaid(unpaid, orders, unpaid_revenue, currency)]
    if restated:
        lines += ["", *restated]
    if unlisted:
        lines += ["", *(redact_people(problem) for (problem,) in unlisted)]
    if unmatched:
        lines += [
            "",
            "Claims that find no order:",
            *(f"  {redact_people(line)}" for line in shorten_list(unmatched, SHOWN)),
        ]
    if not deliveries:
        lines += [
            "",
            f"No data yet: {folder.landing} has no file to load. Start with: make onboard FILE=/path/to/export",
        ]
    if quarantined:
        lines += ["", f"Quarantine: {quarantined:,} rows could not be read: {folder.quarantine}"]
        lines += [
            f"  {extract}, {header}: {cells:,} × {reason}; {what_to_do}"
            for extract, header, reason, what_to_do, cells in unread[:REASONS_SHOWN]
        ]
    if effects:
        shown = shorten_list([format_effect(*effect) for effect in effects], SHOWN)
        heading = "What rules did to rows and values (by file: metadata of raw/<extract> in Dagster):"
        lines += ["", heading, *(f"  {line}" for line in shown)]
    lines += [
        "",
        *([f"Built with {latest['engine']}."] if latest.get("engine", "duckdb") != "duckdb" else []),
        f"Report: {folder.published / 'report.html'}",
        f"Marts: {folder.published_marts}",
        f"Data dictionary: {folder.docs / 'dictionary.html'}",
    ]
    return "\n".join(lines)


def format_undefined(kind: str, elements: str, things: Sequence[str]) -> str:
    """A line on everything of one kind that lacks the same elements."""
    shown = ", ".join([*things[:THINGS_SHOWN], *(["…"] if len(things) > THINGS_SHOWN else [])])
    one, several = LACKS[kind]
    return redact_people(
        (one if len(things) == 1 else several).format(things=shown, count=len(things), elements=elements)
    )


def format_unpaid(unpaid: int, orders: int, revenue: Decimal, currency: str) -> str:
    of_all = f"1 of {orders:,} orders is" if unpaid == 1 else f"{unpaid:,} of {orders:,} orders are"
    counts = "it counts. Exclude its status" if unpaid == 1 else "they count. Exclude their status"
    return f"{of_all} not paid yet, {revenue:,.2f} {currency}; {counts} with excluded_statuses"


def format_effect(entry: str, kind: str, rule: str, rows: int) -> str:
    one, several = PHRASES[Kind(kind)]
    return f"{entry}: {rows:,} {one if rows == 1 else several}{f' ({rule})' if rule else ''}"


def find_ledger(folder: ProgrammeFolder, table: str) -> str:
    return escape_pattern(folder.raw / "ledger" / f"{table}.parquet")


def format_goals(goals: list[tuple[Any, ...]]) -> list[str]:
    """A table with one line per goal, numbers aligned to the right."""
    if not goals:
        return ["No goals yet: write them in plan.yml."]
    rows = [
        (goal, kpi, *(format_figure(figure, unit) for figure in (baseline, target, actual)), status)
        for goal, kpi, unit, baseline, target, actual, status in goals
    ]
    return align([HEADERS, *rows], right={2, 3, 4}, is_ruled=True)


def format_figure(figure: float | None, unit: str | None) -> str:
    """Counts without decimals unless they are fractional; money and ratios with two."""
    if figure is None:
        return "–"
    return f"{figure:,.0f}" if unit in WHOLE and figure == int(figure) else f"{figure:,.2f}"
