"""Starts a PostgreSQL, publishes the newest version to it, and runs a command with MARTS set to that database.

    .venv/bin/python bi/superset/postgresql.py COMMAND [ARGUMENTS]

The command connects as the role that docs/operations.md gives dashboards. The database has another time zone than the
marts, as a company's may have. Raises SystemExit if the command fails.
"""

import os
import subprocess
import sys
from pathlib import Path

from orchestration.programme import ProgrammeFolder
from orchestration.programme.connections import Connection
from orchestration.publishing.marts import SCHEMAS as SCHEMAS_OF_MARTS
from orchestration.publishing.targets.postgres import publish_to_postgres
from orchestration.publishing.targets.session import open_session
from orchestration.publishing.targets.version import read_published_version
from tests.servers.postgres import run_postgres

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEMAS = "bi_{schema}"


def list_grants() -> list[str]:
    schemas = ", ".join(SCHEMAS.format(schema=schema) for schema in (*SCHEMAS_OF_MARTS, "meta"))
    return [
        "create role dashboards login",
        "alter role dashboards set timezone = 'America/New_York'",
        f"grant usage on schema {schemas} to dashboards",
        f"grant select on all tables in schema {schemas} to dashboards",
    ]


def main(command: list[str]) -> None:
    programme = ProgrammeFolder(Path(os.environ.get("PROGRAMME", REPOSITORY / "sample" / "programme")).resolve())
    version = read_published_version(programme)
    if version is None:
        sys.exit(f"{programme.path} has no published version. Publish one with: make nightly")
    with run_postgres() as server:
        connection = Connection.model_validate(server.url).fill("bi_db", {})
        publish_to_postgres(version, connection, SCHEMAS)
        with open_session(connection) as session:
            for statement in list_grants():
                session.execute(statement)
        marts = f"postgresql://dashboards@127.0.0.1:{server.port}/postgres"
        print(f"{version.name} is published to PostgreSQL: {len(version.rows)} marts", flush=True)
        status = subprocess.run(command, env={**os.environ, "MARTS": marts, "MARTS_SCHEMAS": SCHEMAS}).returncode
    sys.exit(status)


if __name__ == "__main__":
    main(sys.argv[1:])
