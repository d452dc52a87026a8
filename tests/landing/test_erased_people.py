"""Erased people are removed from what was loaded and from every later delivery."""

import hashlib
import hmac
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from orchestration.landing.erased_people import (
    PseudonymKeyChanged,
    add_erased_people,
    hash_ids,
    is_essential,
    read_erased_people,
)
from orchestration.landing.erasure_search import find_files_that_name
from orchestration.landing.ledger import Ledger, LedgerRow
from orchestration.programme.contract import Extract, read_contract, read_formats
from orchestration.programme.folder import ProgrammeFolder
from orchestration.warehouse.database import make_pseudonym_key
from orchestration.warehouse.recount import count_deliveries
from tests.conftest import REPOSITORY
from tests.landing.conftest import Bench

WOOCOMMERCE = REPOSITORY / "tests/formats/woocommerce_orders/export/order_export_2026-03-20-10-15-00.csv"
TABLES = {**read_contract(), **read_formats()}
EXTRACTS = """\
extracts:
  - {files: landing/orders*, feeds: orders}
  - {files: landing/referrals*, feeds: referrals}
  - {files: landing/clicks*, feeds: clicks}
  - {files: landing/partners*, feeds: partners}
  - {files: landing/woo*, format: woocommerce_orders, values: {shop: w, shop_currency: EUR}, timezone: UTC}
"""
ORDERS = """\
order_id,customer_id,ordered_at,net
1, Jo.Doe@X.example ,2026-03-01,10.00
2,bo@x.example,2026-03-02,20.00
3,jo.doe@x.example,2026-03-03,12;50 of jo.doe@x.example
"""
REFERRALS = """\
referral_id,referrer_id,referred_customer_id
r1,jo.doe@x.example,bo@x.example
r2,bo@x.example,jo.doe@x.example
r3,bo@x.example,al@x.example
"""
JO = "jo.doe@x.example"


@pytest.fixture
def crm(bench: Bench) -> Bench:
    bench.declare(EXTRACTS)
    bench.write("landing/orders_2026-03-03.csv", ORDERS)
    bench.write("landing/referrals.csv", REFERRALS)
    bench.write("landing/clicks.csv", f"click_id,clicked_at,customer_id,visitor_id\nc1,2026-03-01,{JO},10.1.2.3\n")
    bench.write("landing/partners.csv", f"partner_id,name,customer_id\np1,Jo Doe,{JO}\np2,Bo,bo@x.example\n")
    return bench


def folder_of(bench: Bench) -> ProgrammeFolder:
    return ProgrammeFolder(bench.path)


def read_ledger(bench: Bench) -> dict[str, LedgerRow]:
    with Ledger(folder_of(bench).ledger_file) as ledger:
        return {row.extract: row for row in ledger.read_deliveries().values()}


def find_what_names(bench: Bench, text: str) -> list[Path]:
    folder = folder_of(bench)
    return [*find_files_that_name(folder.warehouse, [text]), *find_files_that_name(folder.quarantine, [text])]


def assert_jo_is_gone(bench: Bench) -> None:
    assert bench.select("order_id, customer_id, net") == [("1", None, "10.00"), ("2", "bo@x.example", "20.00")]
    assert bench.select("referral_id, referrer_id, referred_customer_id", "referrals") == [
        ("r2", "bo@x.example", None),
        ("r3", "bo@x.example", "al@x.example"),
    ]
    assert bench.select("click_id, customer_id, visitor_id", "clicks") == [("c1", None, None)]
    assert bench.select("partner_id, name, customer_id", "partners") == [
        ("p1", None, None),
        ("p2", "Bo", "bo@x.example"),
    ]
    assert bench.select_quarantined('"column", value, reason') == [("net", "(erased)", "is not a money amount")]
    row = read_ledger(bench)["referrals"]
    assert (row.rows_read, row.rows_kept, row.rows_dropped, row.rows_forgotten) == (3, 2, 1, 1)
    assert find_what_names(bench, JO) == find_what_names(bench, "Jo Doe") == []
    assert count_deliveries(folder_of(bench)).problems == []


def test_an_erased_person_is_removed_from_what_was_loaded_and_never_loaded_again(crm: Bench):
    crm.land()
    assert len(find_what_names(crm, JO)) >= 6, "the search finds what is there, in raw and in quarantine"
    assert add_erased_people(folder_of(crm), ["JO.doe@x.example "]) == 1
    crm.land()
    assert_jo_is_gone(crm)

    crm.path.joinpath("warehouse").rename(crm.path.parent / "gone")
    crm.land()
    assert_jo_is_gone(crm)

    crm.write("landing/orders_2026-03-09.csv", ORDERS.replace("\n1,", "\n9,").replace("10.00", "11.00"))
    crm.land()
    assert find_what_names(crm, JO) == []
    assert crm.select("customer_id, net")[-2:] == [(None, "11.00"), ("bo@x.example", "20.00")]


def test_a_line_that_cannot_be_read_is_kept_without_its_text(crm: Bench):
    crm.write("landing/orders_2026-03-04.csv", f"order_id,customer_id,ordered_at,net\n7,{JO},2026-03-01\n")
    add_erased_people(folder_of(crm), [JO])
    crm.land()
    assert ("(erased)",) in crm.select_quarantined("value")
    assert find_what_names(crm, JO) == []


def test_a_guest_who_has_an_account_too_is_one_person(bench: Bench):
    bench.declare(EXTRACTS)
    bench.write("landing/woo.csv", WOOCOMMERCE.read_bytes())
    bench.land()
    customers = "customer_id, customer_email"
    assert ("17", "di@example.com") in bench.select(customers, "woocommerce_orders")
    add_erased_people(folder_of(bench), ["di@example.com"])
    bench.land()
    left = bench.select(customers, "woocommerce_orders")
    assert (None, None) in left
    assert not [row for row in left if row[0] == "17" or row[1] == "di@example.com"]


def test_an_account_is_erased_in_its_shop_and_a_number_however_it_is_written(bench: Bench):
    bench.declare("extracts: [{files: landing/orders*, feeds: orders}, {files: landing/clicks*, feeds: clicks}]\n")
    header = "shop,order_id,customer_id,customer_phone,phone_country,ordered_at,net"
    rows = [
        "a,1,17,,,2026-03-01,1",
        "b,2,17,,,2026-03-01,1",
        "b,3,,0475 12 34 56,BE,2026-03-01,1",
        "b,4,,0476,BE,2026-03-01,1",
    ]
    bench.write("landing/orders.csv", "\n".join([header, *rows]) + "\n")
    bench.write("landing/clicks.csv", "click_id,clicked_at,customer_id\nc1,2026-03-01,17\n")
    bench.land()
    folder = folder_of(bench)
    ids = hash_ids(folder, ["17", "+32 475 123456"])
    account, phone = ids["17"][0], ids["+32 475 123456"][0]
    assert add_erased_people(folder, [], [(account, "b"), (phone, None)]) == 2
    bench.land()
    assert bench.select("order_id, customer_id, customer_phone") == [
        ("1", "17", None),
        ("2", None, None),
        ("3", None, None),
        ("4", None, "0476"),
    ]
    # An export without a shop means the account of the one shop that has it.
    assert bench.select("customer_id", "clicks") == [("17",)]
    add_erased_people(folder, [], [(account, "")])
    bench.land()
    assert bench.select("customer_id", "clicks") == [(None,)]
    assert bench.select("order_id, customer_id")[0] == ("1", "17")


def test_the_record_holds_neither_the_id_nor_the_pseudonym(crm: Bench):
    folder = folder_of(crm)
    add_erased_people(folder, [JO])
    record = folder.forgotten_file.read_text()
    key = folder.pseudonym_key_file.read_bytes()
    pseudonym = hmac.new(key, JO.encode(), hashlib.sha256).hexdigest()[:32]
    assert hmac.new(key, pseudonym.encode(), hashlib.sha256).hexdigest()[:32] in record
    assert JO not in record and pseudonym not in record
    assert folder.forgotten_file.stat().st_mode & 0o077 == 0
    assert add_erased_people(folder, [JO]) == 0


def test_a_record_of_another_key_is_refused_before_anybody_is_loaded_again(crm: Bench):
    folder = folder_of(crm)
    add_erased_people(folder, [JO])
    folder.pseudonym_key_file.write_text("another")
    with pytest.raises(PseudonymKeyChanged, match="Put the old key back"):
        crm.land()
    assert not list(folder.raw.glob("orders/*.parquet"))


def test_an_erasure_that_was_killed_is_finished_by_the_next_run(crm: Bench, monkeypatch: pytest.MonkeyPatch):
    crm.land()
    add_erased_people(folder_of(crm), [JO])

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "recount_delivery", die)
        with pytest.raises(KeyboardInterrupt):
            crm.land()
    crm.land()
    assert_jo_is_gone(crm)


def test_an_erasure_changes_only_files_that_name_the_person(crm: Bench):
    crm.land()
    before = {file: file.read_bytes() for file in folder_of(crm).raw.glob("*/*.parquet")}
    add_erased_people(folder_of(crm), ["nobody@x.example"])
    crm.land()
    assert {file: file.read_bytes() for file in before if file.parent.name != "ledger"} == {
        file: content for file, content in before.items() if file.parent.name != "ledger"
    }


def test_an_accepted_delivery_stays_accepted(crm: Bench):
    """Else its file would be read again, and what was overwritten in landing since would be lost."""
    crm.land()
    folder = folder_of(crm)
    with Ledger(folder.ledger_file) as ledger:
        ledger.accept(ledger.read_deliveries())
    add_erased_people(folder, [JO])
    crm.land()
    with Ledger(folder.ledger_file) as ledger:
        assert ledger.read_unaccepted() == {}


@pytest.mark.parametrize(
    "table", [t for t in TABLES.values() if any(c.identifies for c in t.columns)], ids=lambda t: t.name
)
def test_money_of_an_erased_person_stays_in_the_totals(table: Extract):
    """A row is dropped only where it is nothing without the id, and no such row holds money."""
    if any(column.identifies and is_essential(column, table) for column in table.columns):
        assert not [column.name for column in table.columns if column.data_type == "money"]


def test_every_column_that_becomes_a_pseudonym_is_declared_to_identify_somebody():
    """Who adds a format and calls pseudonym() on a column has to say whose id it is."""
    staging = REPOSITORY / "dbt_project" / "models" / "staging"
    for file in staging.rglob("stg_*.sql"):
        text = file.read_text()
        for name, table in TABLES.items():
            if f"source('raw', '{name}')" in text:
                calls = [line for line in text.splitlines() if "pseudonym(" in line]
                declared = {c.name for c in table.columns if c.identifies or c.describes} | {"session_key"}
                for call in calls:
                    asked = call.split("pseudonym(", 1)[1]
                    assert [column for column in declared if column in asked], (file.name, call)


def test_a_key_that_others_can_read_becomes_private(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    key = tmp_path / ".pseudonym_key"
    make_pseudonym_key(key)
    assert key.stat().st_mode & 0o777 == 0o600
    key.chmod(0o644)
    make_pseudonym_key(key)
    assert key.stat().st_mode & 0o777 == 0o600
    assert "was readable by other users" in caplog.text


def test_without_a_record_nobody_is_erased(crm: Bench):
    assert read_erased_people(folder_of(crm)).people == frozenset()
    crm.land()
    assert sum(pq.read_metadata(file).num_rows for file in folder_of(crm).raw.glob("orders/*.parquet")) == 2
