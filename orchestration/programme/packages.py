"""The dependency groups of pyproject.toml that settings.yml needs; `make nightly` installs them (cli/packages.py)."""

from importlib.util import find_spec

from orchestration.programme.settings import Settings

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
    "dagster-postgres": "dagster_postgres",
    "spark": "pyspark",
}
_SAME = {"mariadb": "mysql"}


def list_groups(settings: Settings) -> list[str]:
    """The groups that connections, Dagster's history and the engine need, without repetitions."""
    systems = [_SAME.get(connection.system, connection.system) for connection in settings.connections.values()]
    named = [group for group in systems if group in _MODULES]
    history = ["dagster-postgres"] if settings.history else []
    engine = ["spark"] if settings.engine.name == "spark" else []
    return list(dict.fromkeys([*(["pulling", *named, *history] if systems else []), *engine]))


def list_missing(settings: Settings) -> list[str]:
    """Those of the groups that are not installed."""
    return [group for group in list_groups(settings) if not _is_installed(_MODULES[group])]


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # of the package that it is in
        return False
