"""What a query depends on. The engine is the judge: where changing a column (or rows) of a table changes the result, the
analysis must list it as a dependence; for the queries in QUERIES it must also list no other column."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.lineage.binding import bind
from orchestration.lineage.dependence import ROWS, find_dependence, merge
from orchestration.lineage.project import NotProvable

TABLES = {
    "t": ("k", "a", "b", "s"),
    "u": ("k", "c", "d"),
    "lists": ("k", "items"),
}
ROWS_OF = {
    "t": [(1, 10, 5, "x"), (2, 20, 5, "y"), (2, 30, 1, "x;y"), (3, 5, 9, "z"), (4, 25, 2, "x")],
    "u": [(1, 7, 1), (2, 8, 2), (2, 3, 1), (5, 9, 4)],
    "lists": [(1, [1, 2]), (2, [3]), (3, [])],
}
OTHERS = {
    "k": [[2, 1, 3, 2, 4], [9, 9, 9, 9, 9], [2, 2, 1, 1, 5]],
    "a": [[30, 1, 10, 40, 2], [1, 2, 3, 4, 5], [11, 20, 30, 5, 25]],
    "b": [[1, 9, 2, 5, 5], [9, 8, 7, 6, 5], [5, 5, 1, 9, 1]],
    "s": [["q", "y", "a;b", "x", "x"], ["z", "z", "z", "z", "z"]],
    "c": [[1, 2, 9, 8], [30, 1, 1, 2], [7, 8, 3, 10]],
    "d": [[4, 4, 1, 1], [2, 1, 2, 1], [9, 9, 9, 9]],
    "items": [[[7], [8, 9], [1]], [[], [], [2, 2]]],
}

QUERIES = {
    "a column passed on": ("select a from t", "t.a"),
    "an expression": ("select a + b as x from t", "t.a t.b"),
    "a filter": ("select a from t where b > 4", "t.a t.b"),
    "from without select": ("from t", "t.k t.a t.b t.s"),
    "from before select": ("from t select a", "t.a"),
    "a star": ("select * from t", "t.k t.a t.b t.s"),
    "a star of one table": ("select u.* from t join u on t.k = u.k", "u.k u.c u.d t.k"),
    "a star without a column": ("select * exclude (a) from t", "t.k t.b t.s"),
    "a star with another column in place": ("select * exclude (k, s) replace (b + 1 as a) from t", "t.b"),
    "a star that renames": ("select z from (select * rename (a as z) from t)", "t.a"),
    "a case": ("select case when b > 4 then 1 else 0 end as x from t", "t.b"),
    "a case on a value": ("select case b when 5 then a else 0 end as x from t", "t.a t.b"),
    "if": ("select if(b > 4, a, 0) as x from t", "t.a t.b"),
    "a default": ("select coalesce(nullif(a, 10), b) as x from t", "t.a t.b"),
    "a join": ("select t.a from t join u on u.k = t.k and u.c > 7", "t.a t.k u.k u.c"),
    "a left join that gives nothing but rows": ("select t.a from t left join u on u.k = t.k", "t.a t.k u.k"),
    "using": ("select a, c from t join u using (k)", "t.a t.k u.k u.c"),
    "a natural join": ("select a, c from t natural join u", "t.a t.k u.k u.c"),
    "a cross join": ("select a from t cross join u", "t.a"),
    "a comma": ("select a from t, u where u.k = t.k", "t.a t.k u.k"),
    "a semi join": ("select a from t semi join u on u.k = t.k", "t.a t.k u.k"),
    "an anti join": ("select a from t anti join u on u.k = t.k", "t.a t.k u.k"),
    "an asof join": ("select t.a, u.c from t asof join u on t.k = u.k and t.a >= u.c", "t.a t.k u.k u.c"),
    "in": ("select a from t where k in (select k from u where d > 1)", "t.a t.k u.k u.d"),
    "not in": ("select a from t where k not in (select k from u)", "t.a t.k u.k"),
    "exists": ("select a from t where exists (select 1 from u where u.k = t.k and u.c > 7)", "t.a t.k u.k u.c"),
    "any": ("select a from t where k = any (select k from u)", "t.a t.k u.k"),
    "a scalar subquery": ("select a, (select max(c) from u) as x from t", "t.a u.c"),
    "a correlated subquery": ("select a, (select max(c) from u where u.k = t.k) as x from t", "t.a t.k u.c u.k"),
    "a lateral subquery": (
        "select a, m from t, lateral (select max(c) as m from u where u.k = t.k)",
        "t.a t.k u.c u.k",
    ),
    "a count of rows": ("select count(*) as n from t", ""),
    "a count of the rows of a subquery": ("select (select count(*) from u) as n", ""),
    "a group": ("select b, sum(a) as x from t group by b", "t.a t.b"),
    "a group by number": ("select b, sum(a) as x from t group by 1", "t.a t.b"),
    "group by all": ("select b, sum(a) as x from t group by all", "t.a t.b"),
    "a group that is not shown": ("select max(a) as x from t group by b", "t.a t.b"),
    "grouping sets": ("select sum(a) as x from t group by grouping sets ((b), (s))", "t.a t.b t.s"),
    "rollup": ("select sum(a) as x from t group by rollup (b)", "t.a t.b"),
    "having": ("select b from t group by b having sum(a) > 20", "t.a t.b"),
    "an aggregate with a filter": ("select sum(a) filter (where b > 4) as x from t", "t.a t.b"),
    "an ordered aggregate": ("select string_agg(s, ',' order by a) as x from t", "t.s t.a"),
    "the value at the largest": ("select max_by(s, a) as x from t", "t.s t.a"),
    "a window": ("select sum(a) over (partition by b order by k) as x from t", "t.a t.b t.k"),
    "a frame": (
        "select sum(a) over (order by k, b rows between 1 preceding and current row) as x from t",
        "t.a t.k t.b",
    ),
    "a named window": ("select sum(a) over w as x from t window w as (partition by b)", "t.a t.b"),
    "a window upon a named one": (
        "select sum(a) over (w order by k) as x from t window w as (partition by b)",
        "t.a t.b t.k",
    ),
    "a named window upon another": (
        "select first_value(a) over v as x from t window w as (partition by b), v as (w order by k)",
        "t.a t.b t.k",
    ),
    "qualify": ("select a from t qualify row_number() over (partition by k order by b desc) = 1", "t.a t.k t.b"),
    "order and limit": ("select s from t order by a limit 2", "t.s t.a"),
    "order by number": ("select a, s from t order by 1 limit 2", "t.s t.a"),
    "order by alias": ("select s, b * 2 as x from t order by x limit 2", "t.s t.b"),
    "order by all": ("select s, b from t order by all limit 2", "t.s t.b"),
    "a limit that is looked up": ("select s from t order by s limit (select min(d) from u)", "t.s u.d"),
    "an offset that is looked up": ("select s from t order by s offset (select min(d) from u)", "t.s u.d"),
    "distinct": ("select distinct b from t", "t.b"),
    "distinct on": ("select distinct on (b) a from t order by b, k", "t.a t.b t.k"),
    "union": ("select a from t union select c from u", "t.a u.c"),
    "union all": ("select a from t union all select c from u", "t.a u.c"),
    "union by name": ("select a, b from t union all by name select c as b from u", "t.a t.b u.c"),
    "except": ("select k from t except select k from u", "t.k u.k"),
    "intersect": ("select k from t intersect select k from u", "t.k u.k"),
    "a union that is ordered and cut": ("select a from t union all select c from u order by a limit 3", "t.a u.c"),
    "a branch that is cut": ("(select a from t order by b limit 1) union all select c from u", "t.a t.b u.c"),
    "a cte": ("with x as (select k, a from t where b > 4) select a from x", "t.a t.b"),
    "a cte of which a column is not read": ("with x as (select k, a from t) select k from x", "t.k"),
    "a cte with named columns": ("with x(p, q) as (select k, a from t) select q from x", "t.a"),
    "a cte upon a cte": ("with x as (select a as p from t), y as (select p as q from x) select q from y", "t.a"),
    "a cte that hides a table": ("with u as (select a as c from t) select c from u", "t.a"),
    "a recursive cte": (
        "with recursive r(n, x) as (select k, a from t union all select n + 1, x from r join u on u.d = r.n where n < 4)"
        " select x from r",
        "t.k t.a u.d",
    ),
    "a subquery with named columns": ("select q from (select a, b from t) as x(p, q)", "t.b"),
    "a lateral alias": ("select a + 1 as x, x * b as y from t", "t.a t.b"),
    "an alias in where": ("select a + b as x from t where x > 20", "t.a t.b"),
    "an alias that a column hides": ("select b as a from t where a > 10", "t.a t.b"),
    "an alias in group": ("select b % 2 as x, count(*) as n from t group by x", "t.b"),
    "unnest in from": ("select k, item from lists, unnest(items) as x(item)", "lists.k lists.items"),
    "unnest in select": ("select unnest(string_split(s, ';')) as part from t", "t.s"),
    "unnest that gives only rows": ("select k from lists, unnest(items)", "lists.k lists.items"),
    "a series": ("select k, n from t, range(t.b) as r(n)", "t.k t.b"),
    "values": ("select a, w from t join (values (5, 'five')) as v(b, w) on v.b = t.b", "t.a t.b"),
    "a lambda": ("select list_transform(items, lambda i: i + 1) as x from lists", "lists.items"),
    "what looks like a lambda": (
        "select coalesce(doc -> '$.p', b) as x from (select json_object('p', a) as doc, b from t)",
        "t.a t.b",
    ),
    "a unit that is looked up": (
        "select date_trunc(unit, date '2026-05-17' + a) as x from (select case b when 5 then 'month' else 'year' end as unit, a"
        " from t)",
        "t.a t.b",
    ),
    "a lambda that reaches out": (
        "select list_transform(items, lambda i: i + k) as x from lists",
        "lists.items lists.k",
    ),
    "a comprehension": ("select [i * 2 for i in items if i > k] as x from lists", "lists.items lists.k"),
    "a field": ("select x.p as y from (select {'p': a, 'q': b} as x from t)", "t.a t.b"),
    "a row as a value": ("select hash(t) as x from t", "t.k t.a t.b t.s"),
    "the place of a row": ("select rowid as x from t", ""),
    "a sum with a constant": ("select 1 as one from t", ""),
    "a schema before the table": ('select main.t.a from "main"."t"', "t.a"),
    "capitals": ('SELECT "T"."A" AS X FROM MAIN.T', "t.a"),
}


def find_table(schema: str, name: str) -> tuple[str, tuple[str, ...]]:
    if schema not in ("", "main") or name not in TABLES:
        raise NotProvable(f"reads {name}, which is no table of the project")
    return name, TABLES[name]


def find_origins(sql: str) -> set[str]:
    """Everything that the result as a whole depends on, as `table.column`."""
    facts = find_dependence(bind(sql, find_table))
    return {f"{table}.{column}" for table, column in merge(*facts.columns, facts.rows)}


class Engine:
    """DuckDB with the usual tables, and one database for each change of a column or of the rows of a table."""

    def __init__(self) -> None:
        self._engine = duckdb.connect()
        self._changes: dict[str, str] = {}
        self._fill("usual", ROWS_OF)
        for changed, tables in describe_changes():
            database = f"changed_{len(self._changes)}"
            self._fill(database, tables)
            self._changes[database] = changed

    def _fill(self, database: str, tables: dict[str, list[tuple]]) -> None:
        self._engine.execute(f"attach ':memory:' as {database}")
        self._engine.execute(f"use {database}")
        self._engine.execute("create table t (k int, a int, b int, s text); create table u (k int, c int, d int)")
        self._engine.execute("create table lists (k int, items int[])")
        for name, rows in tables.items():
            for row in rows:
                self._engine.execute(f"insert into {name} values ({', '.join('?' * len(row))})", row)

    def _run(self, sql: str, database: str) -> list[str]:
        self._engine.execute(f"use {database}")
        return sorted(map(repr, self._engine.execute(sql).fetchall()))

    def find_dependence(self, sql: str) -> set[str]:
        """The columns, and tables' rows, whose change changes the result."""
        usual = self._run(sql, "usual")
        return {changed for database, changed in self._changes.items() if self._run(sql, database) != usual}


def describe_changes() -> Iterator[tuple[str, dict[str, list[tuple]]]]:
    for table, columns in TABLES.items():
        for position, column in enumerate(columns):
            for values in OTHERS[column]:
                rows = [
                    (*row[:position], value, *row[position + 1 :])
                    for row, value in zip(ROWS_OF[table], values[: len(ROWS_OF[table])], strict=True)
                ]
                yield f"{table}.{column}", {**ROWS_OF, table: rows}
        rows = ROWS_OF[table]
        for others in (rows[1:], rows[:-1], rows * 2, []):
            yield f"{table}.{ROWS}", {**ROWS_OF, table: others}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_depends_on_what_changes_its_result_and_on_nothing_else(name: str, engine: Engine):
    sql, expected = QUERIES[name]
    found = find_origins(sql)
    assert engine.find_dependence(sql) <= found
    assert {origin for origin in found if not origin.endswith(ROWS)} == set(expected.split())


@pytest.mark.parametrize("sql", Path(__file__).with_name("queries.sql").read_text().splitlines()[1:])
def test_no_dependence_is_missed(sql: str, engine: Engine):
    assert engine.find_dependence(sql) <= find_origins(sql)


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("select a from nowhere", "reads nowhere, which is no table of the project"),
        ("select nothing from t", "has a name that cannot be resolved: Column 'nothing' could not be resolved"),
        ("select v.a from t", "has a name that cannot be resolved: Column 'a' could not be resolved for table: 'v'"),
        ("select * from read_csv('followers.csv')", "reads from what is no table of the project"),
        ("select a from t, lateral read_csv('followers.csv') as l", "reads from what is no table of the project"),
        ("select a from t join glob('*.csv') as l on true", "reads from what is no table of the project"),
        ("select a from t where k in (from query('select 1'))", "reads from what is no table of the project"),
        ("select * from 'followers.parquet'", "reads followers.parquet, which is no table of the project"),
        ("select columns('a|b') from t", "is not understood: COLUMNS('a|b')"),
        ("select * from (pivot t on b using sum(a))", "is not understood"),
        ("select * from t tablesample 10%", "has a part that is not understood (sample)"),
        ("select a from t; select k from u", "holds 2 statements, not one"),
        ("drop table t", "is not understood: DROP TABLE t"),
        ("select a frm t where", "cannot be parsed"),
        ("select a from t order by 2", "has a name that cannot be resolved: Unknown output column: 2"),
        ("select sum(a) over w from t", "names a window that is not there"),
        ("select a from t order by b + nothing", "has a name that cannot be resolved: Column 'nothing'"),
        ("select k from t, u", "has a name that cannot be resolved: Column 'k' could not"),
        ("select x.a from t as x, (select k from t as x) as y where x.q = 1", "Unknown column: q"),
        ("select * from (t join u using (k))", "has a join in brackets"),
        ("(select a from t) limit 2", "has a part that is not understood (limit)"),
        ("select struct_pack(*) from t", "is not understood"),
        ("select a, b from t union all select k from u", "joins 2 and 1 columns in one union"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(sql: str, reason: str):
    with pytest.raises(NotProvable, match=re.escape(reason)):
        find_dependence(bind(sql, find_table))


def test_a_lateral_view_of_spark_is_bound_too():
    sql = "select k, part from t lateral view explode(split(s, ';')) parts as part where part > (select max(c) from u)"
    facts = find_dependence(bind(sql, find_table, dialect="spark"))
    assert {("t", "s"), ("t", ROWS)} <= set(facts.columns[1]) | set(facts.rows)
    assert ("t", "s") in facts.columns[1]
    assert ("u", "c") in facts.rows


def test_a_star_of_a_table_whose_columns_are_not_declared_is_refused():
    with pytest.raises(NotProvable, match=r"has a star beside .*, whose columns are not declared in its \.yml"):
        bind("select * from anything", lambda schema, name: (name, None))


def test_a_table_whose_columns_are_not_declared_has_those_that_are_named():
    facts = find_dependence(
        bind("select x.p + q as r from anything as x where s > 1", lambda schema, name: (name, None))
    )
    assert set(facts.columns[0]) == {("anything", "p"), ("anything", "q")}
    assert ("anything", "s") in facts.rows
