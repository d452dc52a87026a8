"""`make nightly` on a programme whose orders are in a real PostgreSQL: marts, history, secrets, erasure."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest
from dagster import AssetKey

from orchestration.definitions import build_definitions
from orchestration.programme.folder import ProgrammeFolder
from tests.conftest import REPOSITORY, Run, run_with_history
from tests.servers.postgres import PostgresServer
from tests.servers.processes import PASSWORD
from tests.tiny import write_tiny

EXTRACTS = """\
extracts:
  - from: shop_db
    table: public.orders
    cursor: updated_at
    feeds: orders
    columns: {order_id: id, ordered_at: created_at, net: total, customer_id: customer, discount_codes: codes}
  - files: landing/codes*.csv
    feeds: codes
"""


@pytest.fixture(scope="module")
def shop(postgres: PostgresServer) -> PostgresServer:
    postgres.execute(
        "drop schema public cascade",
        "create schema public",
        "create table orders (id bigint primary key, created_at timestamptz, updated_at timestamptz, total numeric(12,2),"
        " currency text, customer text, email text, codes text[])",
        "insert into orders values (1, '2026-03-01 10:00+01', '2026-03-01 10:00+01', 40.00, 'EUR', 'ada-1042', 'ada@x.example',"
        " '{MIRA10}'), (2, '2026-03-02 10:00+01', '2026-03-02 10:00+01', 60.00, 'EUR', 'bo-1043', 'bo@x.example', '{}')",
    )
    return postgres


@pytest.fixture(scope="module")
def programme(shop: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_tiny(tmp_path_factory.mktemp("whole") / "programme")
    (folder / "landing" / "orders_2026-03-02.csv").unlink()
    (folder / "extracts.yml").write_text(EXTRACTS)
    (folder / "settings.yml").write_text(f"connections: {{shop_db: '{shop.url}'}}\n")
    return folder


def run(programme: Path, *arguments: str, password: str = PASSWORD, **environment: str) -> Run:
    return run_with_history(programme, *arguments, PG_PASSWORD=password, **environment)


def read_everything(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_from_a_database_to_a_goal(programme: Path):
    done = run(programme)
    assert done.status == 0, done.screen
    assert "orders ← shop_db: 2 rows, up to 2026-03-02 09:00:00+00:00" in done.screen
    assert done.query("select actual from goals.progress where goal_id = 'revenue'") == [(40,)]


def test_a_source_that_is_gone_stops_the_run_without_showing_the_password(programme: Path):
    wrong = "another-s3cret/pw"
    done = run(programme, password=wrong)
    assert done.status == 1 and "password authentication failed" in done.screen, done.screen
    assert "FAILED. The last published version is unchanged." in done.screen
    # Not on the screen, in logs, in Dagster's history or in what was published, as it is or as a URL has it.
    kept = read_everything(programme) + done.screen.encode()
    for secret in (wrong, PASSWORD):
        for form in (secret, quote(secret, safe="")):
            assert form.encode() not in kept, form


def test_forget_reaches_what_was_pulled_and_what_is_pulled_again(programme: Path, shop: PostgresServer):
    """The same run pulls a row that changed and a new one; the person is still in the database."""
    shop.execute(
        "update orders set total = 50, updated_at = '2026-03-03 10:00+01' where id = 1",
        "insert into orders values (3, '2026-03-03 11:00+01', '2026-03-03 11:00+01', 5.00, 'EUR', 'cy', null, '{MIRA10}')",
    )
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli.forget"],
        cwd=REPOSITORY,
        env={**os.environ, "PROGRAMME": str(programme), "PG_PASSWORD": PASSWORD, "CUSTOMER": "ada-1042"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "These files still identify them" not in done.stdout, done.stdout
    assert "These files were pulled, and still name them" not in done.stdout, done.stdout
    pulled = sorted((programme / "landing" / "pulled").rglob("*.parquet"))
    assert len(pulled) == 2
    with duckdb.connect() as connection:
        names = [str(file) for file in pulled]
        query = "select id, customer, email, total::int from read_parquet($1) order by all"
        rows = connection.execute(query, [names]).fetchall()
    # The e-mail address is in no column of the entry, and is gone with the person's account.
    assert (1, None, None, 40) in rows and (1, None, None, 50) in rows
    assert (2, "bo-1043", "bo@x.example", 60) in rows or (2, "bo-1043", None, 60) in rows
    assert b"ada" not in b"".join(file.read_bytes() for file in pulled)
    after = Run(programme, 0, "")
    assert after.query("select count(*), sum(net_revenue), count(customer_id) from results.orders") == [(3, 115, 2)]
    assert after.query("select actual from goals.progress where goal_id = 'revenue'") == [(55,)]


def test_a_rebuild_pulls_nothing(programme: Path):
    definitions = build_definitions(ProgrammeFolder(programme))
    pulled = AssetKey(["pulled", "shop_db", "orders"])
    selected = {
        name: definitions.resolve_job_def(name).asset_layer.selected_asset_keys for name in ("nightly", "rebuild")
    }
    assert pulled in selected["nightly"] and pulled not in selected["rebuild"]
    graph = definitions.resolve_asset_graph()
    assert pulled in graph.get(AssetKey(["raw", "orders"])).parent_keys
