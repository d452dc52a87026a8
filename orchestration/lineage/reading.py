"""Every model of a project, read once: its names bound, and what each of its columns depends on."""

from dataclasses import dataclass, field

from orchestration.lineage.binding import bind
from orchestration.lineage.dependence import Facts, find_dependence
from orchestration.lineage.project import NotProvable, Project, Table
from orchestration.lineage.python_models import find_hidden_reads
from orchestration.lineage.scopes import Statement


@dataclass
class Reading:
    """`statements` and `facts` are those of the SQL models by id, tables before those that read them; `columns` those
    of every table, None where there may be any. `errors` name each model that cannot be proved, with the reason."""

    project: Project
    statements: dict[str, Statement] = field(default_factory=dict)
    facts: dict[str, Facts] = field(default_factory=dict)
    columns: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def find_columns(self, table: Table) -> tuple[str, ...] | None:
        """The columns of a table; those of a SQL model are what its SQL gives, so it is read first."""
        if table.id not in self.columns:
            declared = tuple(table.columns) or None
            # A model that reads itself (incremental) has to declare its columns in its .yml.
            self.columns[table.id] = declared if table.complete or table.kind == "model" else None
            if table.python is not None:
                self.errors += [f"{table.file}: {reason}" for reason in find_hidden_reads(table.python)]
            elif table.sql:
                for parent in filter(self.project.tables.get, table.parents):
                    self.find_columns(self.project.tables[parent])
                self._read_sql(table, table.sql)
        return self.columns[table.id]

    def _read_sql(self, table: Table, sql: str) -> None:
        try:
            statement = bind(sql, self._find_table, self.project.dialect)
            facts = find_dependence(statement)
        except NotProvable as error:
            self.errors.append(f"{table.file} {error}")
        except RecursionError:
            self.errors.append(f"{table.file} is nested too deeply")
        else:
            self.statements[table.id], self.facts[table.id] = statement, facts
            self.columns[table.id] = tuple(dict.fromkeys(statement.columns))

    def _find_table(self, schema: str, name: str) -> tuple[str, tuple[str, ...] | None]:
        table = self.project.by_relation.get((schema, name))
        if table is None:
            raise NotProvable(f"reads {schema + '.' if schema else ''}{name}, which is no table of the project")
        return table.id, self.find_columns(table)


def read_models(project: Project) -> Reading:
    reading = Reading(project, errors=list(project.errors))
    for table in project.tables.values():
        reading.find_columns(table)
    return reading
