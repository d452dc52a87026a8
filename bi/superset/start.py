"""Starts Apache Superset on the published marts of PROGRAMME, with the dashboards of assets/.

Superset's state, including changes made in it, is in PROGRAMME/warehouse/superset; without that folder, the dashboards
are imported again.
"""

import io
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import yaml

HERE = Path(__file__).resolve().parent
ASSETS = HERE / "assets"
PROGRAMME = Path(os.environ.get("PROGRAMME", HERE.parents[1] / "sample" / "programme")).resolve()
MARTS = PROGRAMME / "published" / "marts.duckdb"
HOME = PROGRAMME / "warehouse" / "superset"
PORT = int(os.environ.get("PORT", "8088"))
USER = "admin"
SECONDS = 180


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


def set_up(home: Path) -> None:
    if (home / "ready").exists():
        return
    home.mkdir(parents=True, exist_ok=True)
    bundle = home / "dashboards.zip"
    bundle.write_bytes(pack_assets())
    name = ["--username", USER, "--firstname", "Reach", "--lastname", "Results", "--email", "admin@localhost"]
    for step in (
        ["db", "upgrade"],
        ["fab", "create-admin", *name, "--password", read_secret(home)],
        ["init"],
        ["import-dashboards", "--path", os.fspath(bundle), "--username", USER],
    ):
        run_superset(home, *step)
    (home / "ready").touch()


def pack_assets() -> bytes:
    """assets/ as Superset imports it, with the path of the marts and, for each dataset, the mart's own columns.

    Superset on SQLite takes a table's name once, whatever its schema: of reach.partners and relationships.partners one.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as bundle, duckdb.connect(MARTS, read_only=True) as marts:
        for file in sorted(ASSETS.rglob("*.yaml")):
            asset = yaml.safe_load(file.read_text(encoding="utf-8"))
            if file.parent.name == "databases":
                asset["sqlalchemy_uri"] = f"duckdb:///{MARTS}"
            if file.parent.name == "datasets":
                asset.update(describe_mart(marts, asset["schema"], asset["table_name"]))
            bundle.writestr(f"assets/{file.relative_to(ASSETS)}", yaml.safe_dump(asset, sort_keys=False))
    return packed.getvalue()


def describe_mart(marts: duckdb.DuckDBPyConnection, schema: str, table: str) -> Mapping[str, Any]:
    found = marts.execute(
        "select column_name, data_type, comment from duckdb_columns() where schema_name = $1 and table_name = $2",
        [schema, table],
    ).fetchall()
    description = marts.execute(
        "select comment from duckdb_tables() where schema_name = $1 and table_name = $2", [schema, table]
    ).fetchone()[0]
    columns = [
        {"column_name": name, "type": kind, "description": comment, "is_dttm": kind in ("DATE", "TIMESTAMP")}
        for name, kind, comment in found
    ]
    return {"description": description, "columns": columns}


@contextmanager
def serve(home: Path) -> Iterator[str]:
    """Superset's address when it responds; Superset is stopped at the end."""
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
            yield address
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


def main() -> None:
    if not MARTS.exists():
        sys.exit(f"{MARTS} is missing. Publish it with: make nightly")
    print("Setting up Superset, a minute…" if not (HOME / "ready").exists() else "Starting Superset…", flush=True)
    set_up(HOME)
    with serve(HOME) as address:
        for dashboard in sorted((ASSETS / "dashboards").glob("*.yaml"), key=lambda file: file.stem):
            print(f"{address}/superset/dashboard/{dashboard.stem}/")
        print(f"User {USER}, password {read_secret(HOME)}. Ctrl-C stops it.", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
