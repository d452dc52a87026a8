"""The unit of each column of each table: as declared, or as its SQL makes it from the columns that it reads."""

from dataclasses import dataclass, field

from orchestration.lineage import units
from orchestration.lineage.arithmetic import Analysis, Blended
from orchestration.lineage.project import Project, Table
from orchestration.lineage.reading import Reading
from orchestration.lineage.scopes import Statement
from orchestration.lineage.units import MOMENT, ByRow, Figure, Label, Quantity, Unit, Unknown

OF_TYPE = {
    **dict.fromkeys(("text", "list", "currency", "clock"), Label()),
    "boolean": Label(is_truth=True),
    **dict.fromkeys(("date", "month_day_year", "timestamp", "timestamp_end", "timestamp_in_words"), MOMENT),
    "money": units.quantity(currency=1),
}
"""By the data type of a raw column (macros/casts.sql); a count counts what the column is called."""


@dataclass
class Measures:
    """`units` of every column by table and name; `things` are what a row of each table is one of."""

    units: dict[tuple[str, str], Unit] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)
    blended: list[Blended] = field(default_factory=list)


def measure(reading: Reading) -> Measures:
    measures = Measures()
    project = reading.project
    for table in project.tables.values():
        measures.things[table.id] = table.name
        if table.id not in reading.statements:
            for column in reading.columns.get(table.id) or tuple(table.columns):
                undeclared = Unknown(f"{table}.{column} declares none")
                measures.units[table.id, column] = find_declared(table, column, project) or undeclared
    # They were read in this order: each after those that it reads.
    for id, statement in reading.statements.items():
        measure_model(project.tables[id], statement, project, measures)
    return measures


def measure_model(table: Table, statement: Statement, project: Project, measures: Measures) -> None:
    analysis = Analysis(table.id, statement, measures.units, measures.things)
    found = analysis.of_scope(statement.root)
    analysis.examine_clauses()
    for column, unit in zip(statement.columns, found, strict=True):
        declared = find_declared(table, column, project)
        if declared and differs(declared, unit):
            analysis.report(f"{table}.{column}", f"{unit}, as it is made, with {declared}, as it is declared")
        measures.units[table.id, column] = declared or unit
    measures.blended += analysis.blended
    thing = project.feeds.get(table.id) or analysis.name_thing(statement.root)
    # What is put together from several things is called as the model.
    measures.things[table.id] = thing if thing.isidentifier() else table.name


def find_declared(table: Table, column: str, project: Project) -> Unit | None:
    """What a .yml declares: `unit`, or the data type of a raw column; of a staging model that feeds an extract, what
    that extract declares."""
    if table.id in project.feeds:
        extract = project.by_relation["raw", project.feeds[table.id]]
        return find_declared(extract, column, project) if column in extract.columns else None
    if column not in table.columns:
        return None
    declared = table.columns[column]
    if "unit" in declared.meta:
        return units.parse_unit(declared.meta["unit"])
    if table.kind == "model":
        return None
    return units.quantity(**{column: 1}) if declared.data_type == "count" else OF_TYPE.get(declared.data_type or "")


def differs(declared: Unit, found: Unit) -> bool:
    """A declaration may name what a count counts, give each row its own unit, or give a unit where SQL gives none; it
    may not contradict one."""
    if isinstance(declared, ByRow):
        return False
    if isinstance(found, Quantity):
        return found != declared and not units.is_count(found)
    return isinstance(found, Figure) and bool(found.of) and declared != Figure()
