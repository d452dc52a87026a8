"""The dependency groups of pyproject.toml that connections need; `make nightly` installs them (cli/packages.py)."""

from collections.abc import Iterable
from importlib.util import find_spec

from orchestration.programme.connections import Connection

# A module of each group, to see whether it is installed.
_MODULES = {
    "pulling": "dlt",
    "postgresql": "psycopg",
    "mysql": "pymysql",
    "snowflake": "snowflake.sqlalchemy",
    "bigquery": "sqlalchemy_bigquery",
    "s3": "s3fs",
    "gs": "gcsfs",
    "az": "adlfs",
    "sftp": "paramiko",
}
_SAME = {"mariadb": "mysql"}


def list_groups(connections: Iterable[Connection]) -> list[str]:
    """The groups that connections need, without repetitions."""
    systems = [_SAME.get(connection.system, connection.system) for connection in connections]
    named = [group for group in systems if group in _MODULES]
    return list(dict.fromkeys(["pulling", *named])) if systems else []


def list_missing(connections: Iterable[Connection]) -> list[str]:
    """Those of the groups that are not installed."""
    return [group for group in list_groups(connections) if not _is_installed(_MODULES[group])]


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # of the package that it is in
        return False
