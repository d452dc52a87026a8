"""marts.xlsx: the marts of goals and results as sheets, for further calculations.

Numbers and dates keep their types. Text is always text: a partner named `=cmd()` is no formula.
"""

import math
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from orchestration.runtime.run_log import log

# Customers who referred somebody without being partners have pseudonyms as ids, which are not shown: one row for all.
PARTNERS = """
    select
        case when person_id is null then partners.partner_id else '(customers who are not partners)' end as partner_id,
        case when person_id is null then partners.name end as name,
        partners.relationship,
        {month}attribution_model,
        sum(partners.orders) as orders,
        sum(partners.net_revenue) as net_revenue,
        sum(partners.new_customers) as new_customers,
        sum(partners.referred_customers) as referred_customers,
        sum(partners.cost) as cost,
        sum(partners.contribution_margin) as contribution_margin,
        sum(partners.contribution_margin) / nullif(sum(partners.cost), 0) as return_on_cost,
        sum(partners.net_revenue) / nullif(sum(partners.cost), 0) as roas,
        sum(partners.cost) / nullif(sum(partners.new_customers), 0) as cost_per_new_customer,
        sum(partners.net_revenue) / nullif(sum(partners.orders), 0) as average_order_value
    from results.{mart} as partners
    left join relationships.advocates on person_id = partners.partner_id and not is_partner
    where attribution_model = $model
    group by all
    order by {month}partner_id
"""
SHEETS = {
    "goals": "select * from goals.progress order by all",
    "goal history": "select * from goals.history order by goal_id, day",
    "steps": "select * from goals.steps order by all",
    "undefined": "select * from goals.undefined order by all",
    "relationships": "from results.relationships where attribution_model = $model order by month, relationship",
    "campaigns": "from results.campaigns where attribution_model = $model order by month, campaign_id",
    "partners": PARTNERS.format(mart="partners", month="month, "),
    "relationships, all time": """
        from results.relationships_all_time where attribution_model = $model order by relationship
    """,
    "campaigns, all time": "from results.campaigns_all_time where attribution_model = $model order by campaign_id",
    "partners, all time": PARTNERS.format(mart="partners_all_time", month=""),
    "cohorts": """
        from results.cohorts
        where
            level <> 'partner'
            or brought_by not in (select person_id from relationships.advocates where not is_partner)
        order by
            level = 'partner',
            level,
            -- Where not all partners fit into the sheet, those who brought the most customers do.
            max(customers) over (partition by level, brought_by) desc,
            brought_by,
            cohort_month,
            months_since
    """,
    "paths": """
        select names, month, orders, net_revenue, touches, days, paths_without_order
        from results.paths
        order by month desc, orders desc, names
    """,
    "experiments": "from results.incrementality order by experiment_id, arm",
    "experiments to come": "from goals.experiments_needed order by all",
    "brand lift": "from results.brand_lift order by study_id, question, stratum",
    "evidence": "select * from results.evidence order by month, evidence",
}
# The meaning of the columns, from the comments of the marts.
COLUMNS = """
    select schema_name || '.' || table_name as mart, column_name as "column", comment as meaning
    from duckdb_columns()
    where
        database_name = current_database()
        and mart in (
            'goals.progress', 'goals.history', 'goals.steps', 'goals.undefined', 'goals.experiments_needed',
            'results.relationships', 'results.campaigns', 'results.partners', 'results.evidence',
            'results.relationships_all_time', 'results.campaigns_all_time', 'results.partners_all_time',
            'results.cohorts', 'results.paths', 'results.incrementality', 'results.brand_lift'
        )
    order by mart, column_index
"""
WORKBOOK = "marts.xlsx"
# A sheet could have 1,048,576 rows, but a spreadsheet program is slow with so many, and writing them was a tenth of a
# full build on two million visits.
MOST_ROWS = 50_000
MOST_CHARACTERS = 32_767
WIDTH = 18
# A spreadsheet, or a program that reads an export of it, could read these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_workbook(
    marts: duckdb.DuckDBPyConnection, attribution_model: str, made_at: datetime, file: Path, most_rows: int = MOST_ROWS
) -> None:
    """Write `file`, with results by `attribution_model`.

    A sheet has at most `most_rows` rows including its header; omitted rows are reported in its last row and in the log.
    """
    from xlsxwriter import Workbook

    options = {
        "constant_memory": True,
        "default_date_format": "yyyy-mm-dd",
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(str(file), options) as workbook:
        workbook.set_properties({"created": made_at.replace(tzinfo=None)})
        for name, query in {**SHEETS, "columns": COLUMNS}.items():
            found = marts.execute(query, {"model": attribution_model} if "$model" in query else None)
            left_out = SheetWriter(workbook, name, most_rows).write(
                [column[0] for column in found.description], fetch_rows(found)
            )
            if left_out:
                log.info("marts.xlsx: sheet %s leaves out %s rows; they are in marts.duckdb", name, f"{left_out:,}")


def fetch_rows(found: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := found.fetchmany(10_000):
        yield from rows


class SheetWriter:
    """One sheet: a frozen header, then rows with each cell in the type of its value."""

    def __init__(self, workbook: Any, name: str, most_rows: int) -> None:
        self.sheet = workbook.add_worksheet(name)
        self.most_rows = most_rows
        self.header = workbook.add_format({"bold": True, "bottom": 1})
        self.number = workbook.add_format({"num_format": "#,##0.00"})
        self.count = workbook.add_format({"num_format": "#,##0"})
        self.moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.quoted = workbook.add_format({"quote_prefix": True})

    def write(self, names: list[str], rows: Iterator[tuple[Any, ...]]) -> int:
        """Returns how many rows were omitted."""
        self.sheet.set_column(0, len(names) - 1, WIDTH)
        self.sheet.freeze_panes(1, 0)
        for column, name in enumerate(names):
            self.sheet.write_string(0, column, name, self.header)
        left_out = 0
        last: list[tuple[Any, ...]] = []
        for row, values in enumerate(rows, start=1):
            # The last row is written only if it is the last one; otherwise a note takes its place.
            if row < self.most_rows - 1:
                self.write_row(row, values)
            else:
                left_out += 1
                last = last or [values]
        if left_out == 1:
            self.write_row(self.most_rows - 1, last[0])
            return 0
        if left_out:
            note = f"{left_out:,} more rows, which a sheet does not take; they are in marts.duckdb."
            self.sheet.write_string(self.most_rows - 1, 0, note)
        return left_out

    def write_row(self, row: int, values: tuple[Any, ...]) -> None:
        for column, value in enumerate(values):
            self.write_cell(row, column, value)

    def write_cell(self, row: int, column: int, value: Any) -> None:
        match value:
            case None:
                pass
            case bool():
                self.sheet.write_boolean(row, column, value)
            case int():
                self.sheet.write_number(row, column, value, self.count)
            case float() | Decimal() if math.isfinite(value):
                self.sheet.write_number(row, column, float(value), self.number)
            case datetime():
                self.sheet.write_datetime(row, column, value, self.moment)
            case date():
                self.sheet.write_datetime(row, column, value)
            case _:
                self.write_text(row, column, str(value))

    def write_text(self, row: int, column: int, text: str) -> None:
        if len(text) > MOST_CHARACTERS:
            text = text[: MOST_CHARACTERS - 20] + " … (the rest is cut)"
        # Quoted, so that it stays text when the cell is edited or the sheet is saved in another format.
        self.sheet.write_string(row, column, text, self.quoted if text.startswith(FORMULA_STARTS) else None)
