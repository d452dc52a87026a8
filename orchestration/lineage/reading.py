"""Every model of a project, read once: its names bound against the tables that it reads, and what its columns depend on."""

from collections.abc import Mapping
from dataclasses import dataclass

from orchestration.lineage.binding import Known, bind
from orchestration.lineage.dependence import Facts, find_dependence
from orchestration.lineage.project import NotProvable, Project, Table
from orchestration.lineage.python_models import find_hidden_reads
from orchestration.lineage.scopes import Statement


@dataclass(frozen=True)
class Reading:
    """`statements` and `facts` are those of the SQL models by id, tables before those that read them; `columns` those of
    every table, None where there may be any. `errors` name each model that cannot be proved, with the reason."""

    project: Project
    statements: Mapping[str, Statement]
    facts: Mapping[str, Facts]
    columns: Mapping[str, tuple[str, ...] | None]
    errors: tuple[str, ...]


def read_models(project: Project) -> Reading:
    reader = _Reader(project)
    for table in project.tables.values():
        reader.find_columns(table)
    return Reading(project, reader.statements, reader.facts, reader.columns, (*project.errors, *reader.errors))


class _Reader:
    def __init__(self, project: Project):
        self._project = project
        self.statements: dict[str, Statement] = {}
        self.facts: dict[str, Facts] = {}
        self.columns: dict[str, tuple[str, ...] | None] = {}
        self.errors: list[str] = []

    def find_columns(self, table: Table) -> tuple[str, ...] | None:
        """The columns of a table; those of a SQL model are what its SQL gives."""
        if table.id not in self.columns:
            declared = tuple(table.columns) or None
            # A model that reads itself (incremental) has to say in its .yml what columns it has.
            self.columns[table.id] = declared if table.complete or table.kind == "model" else None
            if table.python is not None:
                self.errors += [f"{table.file}: {reason}" for reason in find_hidden_reads(table.python)]
            elif table.sql:
                for parent in self._project.tables.keys() & table.parents:
                    self.find_columns(self._project.tables[parent])
                self._read_sql(table, table.sql)
        return self.columns[table.id]

    def _read_sql(self, table: Table, sql: str) -> None:
        try:
            statement = bind(sql, self._find_table, self._project.dialect)
            facts = find_dependence(statement)
        except NotProvable as error:
            self.errors.append(f"{table.file} {error}")
        else:
            self.statements[table.id], self.facts[table.id] = statement, facts
            self.columns[table.id] = tuple(dict.fromkeys(statement.columns))

    def _find_table(self, schema: str, name: str) -> Known:
        table = self._project.by_relation.get((schema, name))
        if table is None:
            raise NotProvable(f"reads {schema + '.' if schema else ''}{name}, which is no table of the project")
        return Known(table.id, self.find_columns(table))
