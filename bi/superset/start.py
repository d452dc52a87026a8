"""Starts Apache Superset on the published marts, with the dashboards of assets/.

The marts are those in published/marts.duckdb of PROGRAMME or, if MARTS is the URL of a PostgreSQL that was published
to, the ones there; MARTS_SCHEMAS is then `schemas:` of settings.yml (default `rr_{schema}`).
Superset's state, including changes made in it, is in PROGRAMME/warehouse/superset (superset_postgresql); without that
folder, the dashboards are imported again.
"""

import hashlib
import io
import os
import re
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy
import yaml

HERE = Path(__file__).resolve().parent
ASSETS = HERE / "assets"
PROGRAMME = Path(os.environ.get("PROGRAMME", HERE.parents[1] / "sample" / "programme")).resolve()
MARTS = PROGRAMME / "published" / "marts.duckdb"
# Only what these dashboards read, as UTC: date_trunc() of a date depends on the session's time zone.
POSTGRESQL_OPTIONS = "-c timezone=UTC -c default_transaction_read_only=on"
PORT = int(os.environ.get("PORT", "8088"))
USER = "admin"
SECONDS = 600


@dataclass(frozen=True)
class Source:
    """Where Superset reads the marts: a database's URL, options of its driver, and what a schema is called there."""

    url: str
    connect_args: Mapping[str, Any]
    schemas: str

    @property
    def is_postgresql(self) -> bool:
        return not self.url.startswith("duckdb:")

    @property
    def home(self) -> Path:
        return PROGRAMME / "warehouse" / ("superset_postgresql" if self.is_postgresql else "superset")

    @property
    def described(self) -> str:
        """The URL without its password, whatever is in it."""
        return re.sub(r"(?<=://)([^:@/]*):.*@", r"\1:***@", self.url)

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(f"{self.url} {self.schemas}".encode()).hexdigest()

    def read_columns(self, schema: str, table: str) -> tuple[str | None, list[Mapping[str, Any]]]:
        """The mart's description and its columns. Raises SystemExit if the database cannot be reached or lacks it."""
        engine = sqlalchemy.create_engine(self.url, connect_args=dict(self.connect_args))
        query = COLUMNS_OF_POSTGRESQL if self.is_postgresql else COLUMNS_OF_DUCKDB
        try:
            with engine.connect() as connection:
                rows = connection.execute(sqlalchemy.text(query), {"schema": schema, "table": table}).fetchall()
        except sqlalchemy.exc.DBAPIError as error:
            sys.exit(
                f"The marts cannot be read ({self.described}): {str(error.orig).strip()}\nIf the password has one of"
                " @ : / ? #, write it in MARTS as %40 %3A %2F %3F %23."
            )
        finally:
            engine.dispose()
        if not rows:
            sys.exit(
                f"{schema}.{table} is not in {self.described}, or its role may not read it. Publish it with `make"
                f" nightly`; MARTS_SCHEMAS must be `schemas:` of settings.yml (now {self.schemas})."
            )
        columns = [
            {
                "column_name": name,
                "verbose_name": name.replace("_", " "),
                "type": kind,
                "description": comment,
                "is_dttm": kind.startswith(("DATE", "TIMESTAMP")),
            }
            for name, kind, comment, _ in rows
        ]
        return rows[0][3], columns


COLUMNS_OF_DUCKDB = """
    select column_name, data_type, c.comment, t.comment
    from duckdb_columns() as c join duckdb_tables() as t using (schema_name, table_name)
    where schema_name = :schema and table_name = :table
    order by column_index
"""
COLUMNS_OF_POSTGRESQL = """
    select
        a.attname,
        upper(format_type(a.atttypid, a.atttypmod)),
        col_description(c.oid, a.attnum),
        obj_description(c.oid, 'pg_class')
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where n.nspname = :schema and c.relname = :table
        and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
    order by a.attnum
"""


def find_source() -> Source:
    """Raises SystemExit if MARTS is no URL of a PostgreSQL."""
    url = os.environ.get("MARTS", "")
    if not url:
        return Source(f"duckdb:///{MARTS}", {"read_only": True}, "{schema}")
    if not url.startswith(("postgresql://", "postgresql+psycopg2://")):
        sys.exit("MARTS must be postgresql://user:password@host/database, or unset to read published/marts.duckdb.")
    return Source(url, {"options": POSTGRESQL_OPTIONS}, os.environ.get("MARTS_SCHEMAS") or "rr_{schema}")


def run_superset(home: Path, *arguments: str) -> None:
    """Raises SystemExit with the output of Superset if it fails."""
    command = [Path(sys.executable).with_name("superset"), *arguments]
    done = subprocess.run(command, env=list_variables(home), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"superset {arguments[0]} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


def list_variables(home: Path) -> Mapping[str, str]:
    return {
        **os.environ,
        "SUPERSET_HOME": os.fspath(home),
        "SUPERSET_CONFIG_PATH": os.fspath(HERE / "superset_config.py"),
        "SUPERSET_SECRET_KEY": read_secret(home),
        "FLASK_APP": "superset.app:create_app()",
    }


def read_secret(home: Path) -> str:
    """Signs the sessions and is the password of the only user; created on first use, readable only by its owner."""
    file = home / "secret"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(32), encoding="utf-8")
    return file.read_text(encoding="utf-8")


def set_up(home: Path, source: Source) -> None:
    """Raises SystemExit if the folder was set up for other marts."""
    ready = home / "ready"
    if ready.exists():
        if ready.read_text(encoding="utf-8") in ("", source.fingerprint):
            return
        sys.exit(
            f"{home} was set up for other marts (MARTS, MARTS_SCHEMAS, or the programme's path). Remove the folder, and"
            " the dashboards are imported again; changes made in Superset are lost then. To keep them, change the"
            " database in Superset: run this with the MARTS of before, then Settings, Database Connections."
        )
    home.mkdir(parents=True, exist_ok=True)
    bundle = home / "dashboards.zip"
    bundle.touch(mode=0o600)
    # With the password of the database; Superset keeps its own copy encrypted.
    bundle.write_bytes(pack_assets(source))
    name = ["--username", USER, "--firstname", "Reach", "--lastname", "Results", "--email", "admin@localhost"]
    try:
        for step in (
            ["db", "upgrade"],
            ["fab", "create-admin", *name, "--password", read_secret(home)],
            ["init"],
            ["import-dashboards", "--path", os.fspath(bundle), "--username", USER],
        ):
            run_superset(home, *step)
    finally:
        bundle.unlink()
    ready.write_text(source.fingerprint, encoding="utf-8")


def pack_assets(source: Source) -> bytes:
    """assets/ as Superset imports it, with the database of the marts and, for each dataset, the mart's own columns.

    Superset on SQLite takes a table's name once, whatever its schema: of reach.partners and relationships.partners one.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as bundle:
        for file in sorted(ASSETS.rglob("*.yaml")):
            asset = yaml.safe_load(file.read_text(encoding="utf-8"))
            if file.parent.name == "databases":
                asset["sqlalchemy_uri"] = source.url
                asset["extra"]["engine_params"]["connect_args"] = dict(source.connect_args)
            if file.parent.name == "datasets":
                asset["schema"] = source.schemas.format(schema=asset["schema"])
                asset["description"], asset["columns"] = source.read_columns(asset["schema"], asset["table_name"])
            bundle.writestr(f"assets/{file.relative_to(ASSETS)}", yaml.safe_dump(asset, sort_keys=False))
    return packed.getvalue()


@contextmanager
def serve(home: Path) -> Iterator[tuple[str, subprocess.Popen]]:
    """Superset's address when it responds, and its process, which is stopped at the end."""
    gunicorn = Path(sys.executable).with_name("gunicorn")
    threads = [
        "--workers",
        "1",
        "--worker-class",
        "gthread",
        "--threads",
        "4",
        "--timeout",
        "120",
        "--graceful-timeout",
        "2",
    ]
    with (home / "superset.log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [gunicorn, "--bind", f"127.0.0.1:{PORT}", *threads, "superset.app:create_app()"],
            env=list_variables(home),
            stdout=log,
            stderr=log,
        )
        try:
            address = f"http://127.0.0.1:{PORT}"
            wait_for(f"{address}/health", server, home)
            yield address, server
        finally:
            server.terminate()
            server.wait()


def wait_for(address: str, server: subprocess.Popen, home: Path) -> None:
    for _ in range(SECONDS):
        if server.poll() is not None:
            sys.exit(
                f"Superset stopped; {home / 'superset.log'} has the reason. Port {PORT} in use? PORT=8089 sets another."
            )
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(1)
    sys.exit(f"Superset does not respond; see {home / 'superset.log'}.")


def watch(server: subprocess.Popen, home: Path) -> None:
    """Wait for Ctrl-C or SIGTERM. Raises SystemExit if Superset stops before."""
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        server.wait()
    except KeyboardInterrupt:
        print()
    else:
        sys.exit(f"Superset stopped; {home / 'superset.log'} has the reason.")


def main() -> None:
    source = find_source()
    if not source.is_postgresql and not MARTS.exists():
        sys.exit(f"{MARTS} is missing. Publish it with: make nightly")
    home = source.home
    print("Setting up Superset, a minute…" if not (home / "ready").exists() else "Starting Superset…", flush=True)
    set_up(home, source)
    with serve(home) as (address, server):
        for dashboard in sorted((ASSETS / "dashboards").glob("*.yaml"), key=lambda file: file.stem):
            print(f"{address}/superset/dashboard/{dashboard.stem}/")
        print(f"User {USER}, password {read_secret(home)}. Ctrl-C stops it.", flush=True)
        watch(server, home)


if __name__ == "__main__":
    main()
