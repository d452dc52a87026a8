"""Recursive queries in rounds. Those of Spark are UNION ALL, which never ends in a circle: so each round becomes a
table, until one finds nothing new. The macro spark__closure() marks the parts; what dbt compiles stays an ordinary
recursive query, which the lineage proof reads."""

import re
from typing import Any
from uuid import uuid4

from dbt_common.exceptions import DbtRuntimeError

MARKED = re.compile(
    r"(?P<name>\w+) as \(\s*/\*\s*rounds (?P<columns>[\w,]+)\s*\*/"
    r"(?P<start>.*?)/\*\s*step\s*\*/\s*union\s(?P<step>.*?)/\*\s*end\s*\*/\s*\)",
    re.DOTALL,
)
WITH = re.compile(r"\bwith\s+recursive\b", re.IGNORECASE)
ROUNDS = 1000


def unroll(session: Any, sql: str) -> str:
    """The statement with the rows of each marked query instead of its recursion. Raises DbtRuntimeError after 1,000
    rounds."""
    while (marked := MARKED.search(sql)) is not None:
        *_, begin = (found for found in WITH.finditer(sql) if found.end() <= marked.start())
        before = sql[begin.end() : marked.start()].strip().rstrip(",")
        tables = run_rounds(session, marked, f"{before}, " if before else "")
        sql = f"{sql[: marked.start()]}{marked['name']} as ({unite(tables)}){sql[marked.end() :]}"
    return sql


def run_rounds(session: Any, marked: re.Match[str], before: str) -> list[str]:
    """The tables of all rounds; the last is empty. `before` are the CTEs that the query can read."""
    name, columns = marked["name"], marked["columns"].split(",")
    prefix = f"engine.{name}_{uuid4().hex[:8]}"
    same = " and ".join(f"found.{column} <=> seen.{column}" for column in columns)
    tables: list[str] = []
    for nth in range(ROUNDS):
        table = f"{prefix}_{nth}"
        if nth == 0:
            query = f"with {before.rstrip(', ')} " * bool(before) + f"select distinct * from ({marked['start']})"
        else:
            query = (
                f"with {before}{name} as (select * from {tables[-1]}), seen as ({unite(tables)})"
                f" select distinct found.* from ({marked['step']}) as found left anti join seen on {same}"
            )
        session.sql(f"create table {table} using parquet as {query}")
        tables.append(table)
        if session.table(table).isEmpty():
            return tables
    raise DbtRuntimeError(f"{name} still finds new rows after {ROUNDS} rounds")


def unite(tables: list[str]) -> str:
    return " union all ".join(f"select * from {table}" for table in tables)
