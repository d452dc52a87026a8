"""Which columns are reach, engagement or results: as their .yml files declare it (`config: {meta: {family: …}}`).

- A table of a source declares the family of its rows, and of every column that does not declare its own.
- A vendor's format has the family of what it feeds, if that is one. If it feeds several (posts and their counters), its
  rows are `reference`, and each column that holds a number declares its own.
- What a staging model hands to an extract is of the extract's families, whatever the vendor calls it.
- A seed declares each column: it holds whatever somebody typed into it.
- A published mart is of its schema's family.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from orchestration.lineage.dependence import How, Origin
from orchestration.lineage.graph import Graph
from orchestration.lineage.project import Project, Table
from orchestration.publishing.marts import FAMILY_OF_SCHEMA

FAMILIES = ("reach", "engagement", "result", "relationship", "reference")
REACH = frozenset({"reach", "engagement"})
NUMBERS = ("count", "number", "money")


@dataclass(frozen=True)
class Families:
    """`errors` list what is not declared or declared wrongly; a proof that relies on it would prove nothing."""

    of: Mapping[Origin, str]
    errors: tuple[str, ...]

    def find(self, families: Collection[str]) -> frozenset[Origin]:
        """The columns that are of one of `families`."""
        return frozenset(origin for origin, family in self.of.items() if family in families)


def find_families(graph: Graph) -> Families:
    of = {}
    for table in graph.project.tables.values():
        default = find_default(table, graph.project)
        of |= {origin: find_family(table, origin[1], default, graph.project) for origin in graph.columns(table.id)}
    declared = {origin: family for origin, family in of.items() if family}
    errors = [
        *find_undeclared(graph.project),
        *find_counters_of_no_family(graph, declared),
        *find_false_names(graph.project, declared),
    ]
    return Families(declared, tuple(errors))


def find_default(table: Table, project: Project) -> str | None:
    """The family of a table's rows, and of its columns that declare none."""
    if table.kind == "seed":
        return None
    if table.id in project.feeds:
        return find_extract(project.feeds[table.id], project).meta.get("family")
    if "format" in table.meta:
        fed = find_fed(table, project)
        return fed.pop() if len(fed) == 1 else "reference"
    return table.meta.get("family") or (FAMILY_OF_SCHEMA.get(table.schema) if table.kind == "model" else None)


def find_fed(table: Table, project: Project) -> set[str | None]:
    """The families of the extracts that a vendor's format feeds."""
    return {find_extract(name, project).meta.get("family") for name in table.meta["format"]["feeds"]}


def find_family(table: Table, column: str, default: str | None, project: Project) -> str | None:
    own = table.columns[column].meta.get("family") if column in table.columns else None
    if own is None and table.id in project.feeds:
        extract = find_extract(project.feeds[table.id], project)
        own = extract.columns[column].meta.get("family") if column in extract.columns else None
    return own or default


def find_extract(name: str, project: Project) -> Table:
    return project.by_relation["raw", name]


def find_undeclared(project: Project) -> Iterator[str]:
    for table in project.tables.values():
        families = {None: table.meta.get("family"), **{c.name: c.meta.get("family") for c in table.columns.values()}}
        for column, family in families.items():
            place = f"{table.file}: {table.label}{'.' + column if column else ''}"
            if family is None and must_declare(table, column, project):
                yield f"{place} declares no family (config: {{meta: {{family: …}}}}, one of {', '.join(FAMILIES)})"
            elif family is not None and family not in FAMILIES:
                yield f"{place} declares the family {family!r}, which is none of {', '.join(FAMILIES)}"


def must_declare(table: Table, column: str | None, project: Project) -> bool:
    """`column` None is the table itself."""
    if table.kind in ("seed", "model"):
        return table.kind == "seed" and column is not None
    if "format" not in table.meta:
        return column is None
    is_number = column is not None and table.columns[column].data_type in NUMBERS
    return is_number and len(find_fed(table, project)) > 1


def find_counters_of_no_family(graph: Graph, of: Mapping[Origin, str]) -> Iterator[str]:
    """A vendor's column that becomes a counter and is not declared as one could be read past staging."""
    for model, name in graph.project.feeds.items():
        for column in find_extract(name, graph.project).columns.values():
            counter = (model, column.name)
            for source in find_values(counter, graph) if column.meta.get("family") in REACH else ():
                if of.get(source) not in REACH:
                    yield f"{graph.name(source)} becomes {graph.name(counter)} and declares no such family"


def find_values(origin: Origin, graph: Graph) -> Iterator[Origin]:
    """The columns of sources and seeds whose values end up in a column."""
    waiting, seen = [origin], {origin}
    while waiting:
        here = waiting.pop()
        values = {further for further, how in graph.edges.get(here, {}).items() if how is How.VALUE}
        if not values and graph.project.tables[here[0]].kind in ("source", "seed"):
            yield here
        waiting += values - seen
        seen |= values


def find_false_names(project: Project, of: Mapping[Origin, str]) -> Iterator[str]:
    """A column of a source or seed that has the name of a counter anywhere in raw is one."""
    given = [table for table in project.tables.values() if table.kind in ("source", "seed")]
    columns = [column for table in given if table.kind == "source" for column in table.columns.values()]
    counters = {column.name for column in columns if column.meta.get("family") in REACH}
    for table in given:
        for name in sorted(table.columns.keys() & counters):
            if of.get((table.id, name)) not in REACH:
                yield f"{table.file}: {table.label}.{name} is called like a counter and does not declare its family"
