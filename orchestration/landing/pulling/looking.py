"""What is at a connection: the tables of a database, the objects of a store, the status of an API's address."""

import sqlalchemy as sa

from orchestration.programme.connections import Connection, FilledConnection
from orchestration.runtime.remotes import CannotConnect, list_errors, open_engine, open_files

_SYSTEM_SCHEMAS = ("information_schema", "pg_catalog", "mysql", "performance_schema", "sys")
# A bucket may have millions.
MOST_OBJECTS = 1_000


class CannotLook(Exception):
    """The connection could not be opened; the message has no secrets."""


def look(connection: Connection, filled: FilledConnection) -> tuple[str, list[str]]:
    """What kind of things there are, and their names. Raises CannotLook."""
    try:
        if connection.kind == "database":
            return "tables and views", _list_tables(filled)
        return ("objects", _list_objects(filled)) if connection.kind == "files" else ("answers", [_ask(filled)])
    except CannotConnect as error:
        raise CannotLook(str(error)) from None


def _list_tables(filled: FilledConnection) -> list[str]:
    engine = open_engine(filled)
    try:
        inspector = sa.inspect(engine)
        schemas = [name for name in inspector.get_schema_names() if name.lower() not in _SYSTEM_SCHEMAS]
        return [
            f"{schema}.{name}"
            for schema in schemas
            for name in sorted([*inspector.get_table_names(schema), *inspector.get_view_names(schema)])
        ]
    except sa.exc.SQLAlchemyError as error:
        said = " ".join(str(getattr(error, "orig", None) or error).split())
        raise CannotLook(filled.redact(said)) from None
    finally:
        engine.dispose()


def _list_objects(filled: FilledConnection) -> list[str]:
    found: list[str] = []
    try:
        files, root = open_files(filled)
        for folder, _, names in files.walk(root, on_error="raise"):
            place = folder.removeprefix(root).strip("/")
            found += [f"{place}/{name}".lstrip("/") for name in sorted(names)]
            if len(found) >= MOST_OBJECTS:
                break
    except list_errors(filled) as error:
        raise CannotLook(filled.redact(f"{type(error).__name__}: {error}")) from None
    return found


def _ask(filled: FilledConnection) -> str:
    import requests

    port = f":{filled.port}" if filled.port else ""
    url = f"{filled.scheme}://{filled.host}{port}/{filled.path}"
    try:
        answer = requests.get(url, timeout=30, headers=filled.options.get("headers"), allow_redirects=False)
    except requests.RequestException as error:
        raise CannotLook(filled.redact(f"{type(error).__name__}: {error}")) from None
    return f"{url} answers with status {answer.status_code}"
