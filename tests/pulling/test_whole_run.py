"""`make nightly` on a programme whose orders are in a real PostgreSQL: marts, history, secrets, rebuild, erasure."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.conftest import REPOSITORY, Run, run_with_history
from tests.pulling.servers import Postgres
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
def shop(postgres: Postgres) -> Postgres:
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
def programme(shop: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_tiny(tmp_path_factory.mktemp("whole") / "programme")
    (folder / "landing" / "orders_2026-03-02.csv").unlink()
    (folder / "extracts.yml").write_text(EXTRACTS)
    (folder / "settings.yml").write_text(f"connections: {{shop_db: '{shop.url}'}}\n")
    return folder


def run(programme: Path, *arguments: str, password: str = Postgres.password, **environment: str) -> Run:
    return run_with_history(programme, *arguments, PG_PASSWORD=password, **environment)


def read_everything(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_from_a_database_to_a_goal(programme: Path, shop: Postgres):
    done = run(programme)
    assert done.status == 0, done.screen
    assert "orders ← shop_db: 2 rows, up to 2026-03-02 09:00:00+00:00" in done.screen
    assert done.query("select actual from goals.progress where goal_id = 'revenue'") == [(40,)]
    # Nothing new.
    again = run(programme)
    assert again.status == 0 and "orders ← shop_db: nothing new" in again.screen, again.screen
    # A row that changed, and a new one.
    shop.execute(
        "update orders set total = 50, updated_at = '2026-03-03 10:00+01' where id = 1",
        "insert into orders values (3, '2026-03-03 11:00+01', '2026-03-03 11:00+01', 5.00, 'EUR', 'cy', null, '{MIRA10}')",
    )
    more = run(programme)
    assert more.query("select actual from goals.progress where goal_id = 'revenue'") == [(55,)], more.screen
    assert more.query("select count(*), sum(net_revenue) from results.orders") == [(3, 115)]


def test_a_source_that_is_gone_stops_the_run_without_showing_the_password(programme: Path):
    wrong = "another-s3cret/pw"
    done = run(programme, password=wrong)
    assert done.status == 1 and "password authentication failed" in done.screen, done.screen
    assert "FAILED. The last published version is unchanged." in done.screen
    missing = subprocess.run(
        [sys.executable, "-m", "orchestration.cli.nightly"],
        cwd=REPOSITORY,
        env={
            name: value for name, value in {**os.environ, "PROGRAMME": str(programme)}.items() if name != "PG_PASSWORD"
        },
        capture_output=True,
        text=True,
    )
    assert missing.returncode == 1 and "needs PG_PASSWORD, which the environment lacks" in missing.stdout
    # Not on the screen, in logs, in Dagster's history or in what was published, as it is or as a URL has it.
    kept = read_everything(programme) + done.screen.encode()
    for secret in (wrong, Postgres.password):
        for form in (secret, secret.replace("/", "%2F")):
            assert form.encode() not in kept, form


def test_a_source_that_may_fail_does_not_stop_the_run(programme: Path):
    (programme / "extracts.yml").write_text(
        EXTRACTS.replace("    feeds: orders", "    on_failure: warn\n    feeds: orders")
    )
    done = run(programme, password="wrong")
    (programme / "extracts.yml").write_text(EXTRACTS)
    assert done.status == 0 and "The run goes on with what was pulled before (on_failure: warn)" in done.screen, (
        done.screen
    )
    assert done.query("select count(*) from results.orders") == [(3,)]


def test_a_rebuild_needs_no_source(programme: Path):
    before = Run(programme, 0, "").query("from results.orders order by all")
    done = run(programme, "--rebuild", password="not needed")
    assert done.status == 0 and "shop_db" not in done.screen, done.screen
    assert done.query("from results.orders order by all") == before


def test_forget_reaches_what_was_pulled(programme: Path):
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli.forget"],
        cwd=REPOSITORY,
        env={**os.environ, "PROGRAMME": str(programme), "PG_PASSWORD": Postgres.password, "CUSTOMER": "ada-1042"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "These files still identify them" not in done.stdout
    pulled = sorted((programme / "landing" / "pulled").rglob("*.parquet"))
    with duckdb.connect() as connection:
        names = [str(file) for file in pulled]
        rows = connection.execute(
            "select customer, email, sum(total) from read_parquet($1) group by all", [names]
        ).fetchall()
    assert ("ada-1042", "ada@x.example", 40) not in rows and not [
        row for row in rows if row[0] == "ada-1042" or row[1] == "ada@x.example"
    ]
    assert b"ada-1042" not in b"".join(file.read_bytes() for file in pulled)
    after = Run(programme, 0, "")
    assert after.query("select count(*), sum(net_revenue), count(customer_id) from results.orders") == [(3, 115, 2)]
