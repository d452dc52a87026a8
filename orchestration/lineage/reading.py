"""Every model of a project, bound: its SQL read once, its names resolved against the tables that it reads."""

from collections.abc import Mapping
from dataclasses import dataclass

from orchestration.lineage.binding import bind
from orchestration.lineage.project import NotProvable, Project, Table
from orchestration.lineage.python_models import find_hidden_reads
from orchestration.lineage.queries import Base, Bound


@dataclass(frozen=True)
class Reading:
    """`bound` are the SQL models by id, tables before those that read them; `columns` those of every table, None where
    there may be any. `errors` name each model that cannot be proved, with the reason."""

    project: Project
    bound: Mapping[str, Bound]
    columns: Mapping[str, tuple[str, ...] | None]
    errors: tuple[str, ...]


def read_models(project: Project) -> Reading:
    reader = _Reader(project)
    for table in project.tables.values():
        reader.find_columns(table)
    return Reading(project, reader.bound, reader.columns, (*project.errors, *reader.errors))


class _Reader:
    def __init__(self, project: Project):
        self._project = project
        self.bound: dict[str, Bound] = {}
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
            elif table.kind == "model":
                self._bind_model(table)
        return self.columns[table.id]

    def _bind_model(self, table: Table) -> None:
        if not table.sql:
            return
        try:
            bound = bind(table.sql, self._find_table)
        except NotProvable as error:
            self.errors.append(f"{table.file} {error}")
        else:
            self.bound[table.id] = bound
            self.columns[table.id] = tuple(dict.fromkeys(bound.query.columns))

    def _find_table(self, schema: str, name: str) -> Base:
        table = self._project.by_relation.get((schema, name))
        if table is None:
            raise NotProvable(f"reads {schema + '.' if schema else ''}{name}, which is no table of the project")
        return Base(table.id, self.find_columns(table))
