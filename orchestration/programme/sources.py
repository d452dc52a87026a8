"""What an entry of extracts.yml may say about a connection that it is pulled from (`from:`).

- {from: shop_db, table: public.orders, cursor: updated_at}     a database; or `query:` with a single SELECT
- {from: lake, files: exports/orders_*.csv}                     an object store, SFTP server or https
- {from: tracker, api: {path: /v1/conversions}}                 a REST API, as dlt's rest_api declares a resource
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Annotated, Any

from pydantic import BeforeValidator

from orchestration.programme.connections import Connection
from orchestration.programme.documents import Plain
from orchestration.programme.options import Mistake
from orchestration.programme.problems import enumerate_names, suggest
from orchestration.programme.validation import refuse

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_WAYS = ("table", "query", "files", "api")
# The ways that each kind of connection has; a file at a fixed https address is fetched, too.
_WAYS_BY_KIND = {"database": ("table", "query"), "files": ("files",), "api": ("api", "files")}
# Options that only files have, and options that only what is pulled has.
_OF_FILES = ("delimiter", "encoding", "sheet", "skip_rows", "comment")
_OF_PULLS = ("table", "query", "api", "cursor", "overlap", "time_limit", "on_failure", "on_drop")
# SQLAlchemy's names that sqlglot calls otherwise.
_DIALECTS = {"postgresql": "postgres", "mariadb": "mysql", "mssql": "tsql", "awsathena": "athena"}


def _read_overlap(value: Any) -> Any:
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    found = re.fullmatch(r"(\d+) ?([smhd])", value) if isinstance(value, str) else None
    if found is None:
        remedy = "Write for example 90m, 6h or 2d, or a number where the cursor is a number"
        raise refuse("overlap is no length of time", remedy)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


Overlap = Annotated[timedelta | int | None, BeforeValidator(_read_overlap)]


def check_source(item: Mapping[str, Any], connections: Mapping[str, Connection] | None) -> Iterator[Mistake]:
    """Location, message and remedy of every mistake in what an entry, as written, says about its source.

    `connections` are those of settings.yml, None if they cannot be read.
    """
    if "from" not in item:
        for name in _OF_PULLS:
            if name in item:
                yield (name,), f"{name} is for what is pulled from a connection", "Write `from:` with its name"
        if "files" not in item:
            yield ("files",), "files is missing", "Write `files: ...`, or `from:` with a connection of settings.yml"
        return
    ways = [way for way in _WAYS if way in item]
    if len(ways) != 1:
        has = f"has {' and '.join(ways)}" if ways else "does not say what to pull"
        yield ("from",), f"an entry with `from` {has}", f"Write one of {enumerate_names(_WAYS)}"
        return
    [way] = ways
    name, connection = str(item["from"]), None
    if connections is not None:
        connection = connections.get(name)
        if connection is None:
            known = f"{suggest(name, connections)}The connections are {enumerate_names(connections)}"
            yield ("from",), f"settings.yml has no connection '{name}'", known
        elif way not in _WAYS_BY_KIND[connection.kind]:
            fitting = enumerate_names(_WAYS_BY_KIND[connection.kind])
            yield (way,), f"{name} is a connection to {connection.system}, which has no `{way}`", f"Write {fitting}"
    if way != "files":
        for option in _OF_FILES:
            if option in item:
                yield (option,), f"{option} is for files, and this entry pulls rows", "Remove it"
    if way in ("files", "api"):
        for option in ("cursor", "overlap"):
            if option in item:
                remedy = (
                    "Remove it" if way == "files" else "Write `incremental` in `api`, as dlt's rest_api declares it"
                )
                yield (option,), f"{option} is for a table or a query", remedy
    if "overlap" in item and "cursor" not in item and way in ("table", "query"):
        yield ("overlap",), "overlap is for a cursor, and there is none", "Write `cursor:` or remove it"
    if "cursor" in item and item.get("delivery") == "snapshot":
        message = "with a cursor each pull has only what is new, so it is no snapshot"
        yield ("delivery",), message, "Remove the cursor, so that each pull is the whole table, or remove `delivery`"
    if way == "query" and isinstance(item["query"], str):
        yield from _check_query(item["query"], connection.system if connection else "")
    if way == "table" and isinstance(item["table"], str) and not all(item["table"].split(".")):
        yield ("table",), f"table is '{item['table']}'", "Write schema.table, such as public.orders"
    if way == "api" and isinstance(item["api"], dict) and not isinstance(item["api"].get("path"), str):
        yield ("api",), "api has no path", "Write for example {path: /v1/conversions}"


def _check_query(query: str, system: str) -> Iterator[Mistake]:
    """A mistake unless the query is one statement that only reads."""
    problem = _find_query_problem(query, _DIALECTS.get(system, system))
    if problem:
        yield ("query",), f"query {problem}", "Write a single SELECT, which only reads"


@cache
def _find_query_problem(query: str, dialect: str) -> str | None:
    import sqlglot
    from sqlglot import exp

    try:
        statements = [one for one in sqlglot.parse(query, dialect=dialect or None) if one is not None]
    except (sqlglot.errors.SqlglotError, ValueError) as error:
        reason = re.sub(r"\x1b\[\d*m", "", str(error).splitlines()[0])
        return f"cannot be read: {reason.rstrip('.')}"
    if len(statements) != 1:
        return f"has {len(statements)} statements"
    [statement] = statements
    if not isinstance(statement, exp.Query):
        return f"is no SELECT but {query.split()[0].upper()}"
    # A query is DML, too, to sqlglot.
    found = statement.find_all(exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock)
    writing = next((one for one in found if not isinstance(one, exp.Query)), None)
    return f"has {writing.key.upper()} in it" if writing else None


def plain_values(value: Any) -> Any:
    """Nested options with true, false and whole numbers as what they mean, where they are written without quotes."""
    if isinstance(value, dict):
        return {name: plain_values(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain_values(inner) for inner in value]
    if isinstance(value, Plain):
        if value.lower() in ("true", "false"):
            return value.lower() == "true"
        return int(value) if re.fullmatch(r"-?(0|[1-9]\d*)", value) else str(value)
    return value
