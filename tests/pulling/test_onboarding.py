"""`make onboard FROM=… TABLE=…` and `make connections` on a real PostgreSQL."""

import pytest

from orchestration.cli import connections, onboard
from orchestration.programme import read_programme
from tests.pulling.conftest import Bench
from tests.servers.postgres import PostgresServer


@pytest.fixture
def programme(bench: Bench, table: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Bench:
    bench.declare(table.url)
    (bench.path / "extracts.yml").write_text("extracts:\n")
    monkeypatch.setenv("PROGRAMME", str(bench.path))
    monkeypatch.setenv("PG_PASSWORD", table.password)
    return bench


def test_a_table_is_recognised_and_added(programme: Bench, capsys: pytest.CaptureFixture[str], table: PostgresServer):
    table.execute(
        "create table sales (order_id bigint, created_at timestamptz, updated_at timestamptz, net numeric(12,2), currency text,"
        " discount_codes text)",
        "insert into sales select n, now(), now(), n * 1.5, 'EUR', 'MIRA10' from generate_series(1, 30) n",
    )
    assert onboard.main(["--from", "src", "--table", "public.sales", "--feeds", "orders", "--add", ""]) == 0
    shown = capsys.readouterr().out
    assert "Add this to extracts.yml" in shown and "It would load 30 rows" in shown and "landing/" not in shown, shown
    [entry] = read_programme(programme.path).entries
    assert (entry.source, entry.table, entry.cursor, entry.feeds) == ("src", "public.sales", "updated_at", "orders")
    assert entry.files is None and programme.pull().rows == 30


def test_what_cannot_be_onboarded_is_named(programme: Bench, capsys: pytest.CaptureFixture[str]):
    assert onboard.main(["--from", "src", "--table", "public.gone", ""]) == 1
    assert "there is no table public.gone" in capsys.readouterr().err
    assert onboard.main(["--from", "nowhere", "--table", "a", ""]) == 1
    assert "make onboard FROM=… It is one of src" in capsys.readouterr().err


def test_connections_lists_tables_and_says_what_is_wrong(
    programme: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    assert connections.main() == 0
    assert capsys.readouterr().out.splitlines() == [
        "src (postgresql): connected; 1 tables and views",
        "  public.orders",
    ]
    monkeypatch.setenv("PG_PASSWORD", "wr0ng!")
    assert connections.main() == 1
    failed = capsys.readouterr().err
    assert failed.startswith("src: FAILED. ") and "password authentication failed" in failed and "wr0ng!" not in failed
