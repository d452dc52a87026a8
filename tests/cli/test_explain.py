"""`make explain`: one order with every reason why something counts or not; the figures by hand."""

from datetime import date
from pathlib import Path

import pytest

from orchestration.cli import explain
from orchestration.programme.programme import read_programme
from orchestration.warehouse.database import warehouse_file
from tests.warehouse.bare import CompiledProject, build
from tests.warehouse.programmes import Extracts, deliver, start_programme

PLAN = "{programme: Explained, currency: EUR, timezone: UTC, lookback_days: 30}\n"
# Order 1 is ada's, of 20 March noon; everybody else is there to be told from her.
EXTRACTS: Extracts = {
    "partners": [
        {"partner_id": "mira", "customer_id": ""},
        {"partner_id": "leo", "customer_id": ""},
        {"partner_id": "self", "customer_id": "ada"},
    ],
    "codes": [
        {"code": "MIRA10", "partner_id": "mira", "valid_to": ""},
        {"code": "OLD", "partner_id": "leo", "valid_to": "2026-03-01 10:00"},
        {"code": "ADA5", "partner_id": "self", "valid_to": ""},
    ],
    "orders": [
        {"shop": "a", "order_id": "1", "order_refs": "1001;tx-7", "customer_id": "ada", "customer_email": "ada@mail.example", "ordered_at": "2026-03-20 12:00", "net": "100.00", "discount_codes": "mira10;OLD;ADA5;WHO", "status": "paid", "is_paid": "yes", "is_renewal": "no"},
        {"shop": "a", "order_id": "2", "order_refs": "", "customer_id": "ada", "customer_email": "", "ordered_at": "2026-03-28 12:00", "net": "5.00", "discount_codes": "", "status": "paid", "is_paid": "yes", "is_renewal": "yes"},
        {"shop": "a", "order_id": "9", "order_refs": "", "customer_id": "bo", "customer_email": "", "ordered_at": "2026-03-20 12:00", "net": "5.00", "discount_codes": "", "status": "cancelled", "is_paid": "", "is_renewal": ""},
        {"shop": "b", "order_id": "9", "order_refs": "", "customer_id": "cy", "customer_email": "", "ordered_at": "2026-03-20 13:00", "net": "5.00", "discount_codes": "", "status": "paid", "is_paid": "", "is_renewal": ""},
    ],
    "refunds": [{"shop": "a", "refund_id": "1", "order_id": "1", "refunded_at": "2026-03-22", "amount": "20.00"}],
    "referrals": [
        {"referral_id": "r1", "referrer_id": "leo", "referred_customer_id": "ada", "registered_at": "2026-03-10 12:00"},
        {"referral_id": "r2", "referrer_id": "leo", "referred_customer_id": "ada", "registered_at": "2026-01-10 12:00"},
    ],
    "conversions": [
        {"conversion_id": "v1", "converted_at": "2026-03-20 12:00:05", "partner_id": "leo", "order_id": "#1001", "customer_id": "", "kind": "sale", "state": "approved"},
        {"conversion_id": "v2", "converted_at": "2026-03-20 12:00:05", "partner_id": "leo", "order_id": "1", "customer_id": "", "kind": "sale", "state": "reversed"},
        {"conversion_id": "v3", "converted_at": "2026-03-19 12:00", "partner_id": "leo", "order_id": "", "customer_id": "ada", "kind": "lead", "state": "approved"},
        {"conversion_id": "v4", "converted_at": "2026-03-28 12:00", "partner_id": "leo", "order_id": "2", "customer_id": "ada", "kind": "sale", "state": "approved"},
        {"conversion_id": "v5", "converted_at": "2026-03-21 12:00", "partner_id": "leo", "order_id": "77", "customer_id": "ada", "kind": "sale", "state": "approved"},
        {"conversion_id": "v6", "converted_at": "2026-03-20 14:00", "partner_id": "leo", "order_id": "9", "customer_id": "", "kind": "sale", "state": "approved"},
        {"conversion_id": "v7", "converted_at": "2026-03-20 12:00", "partner_id": "", "order_id": "tx-7", "customer_id": "", "kind": "sale", "state": "approved"},
    ],
    "surveys": [
        {"response_id": "s1", "answered_at": "2026-03-20 12:01", "order_id": "1", "customer_id": "", "partner_id": "mira"},
        {"response_id": "s2", "answered_at": "2026-03-19 12:01", "order_id": "", "customer_id": "ada", "partner_id": ""},
        {"response_id": "s3", "answered_at": "2026-03-21 12:01", "order_id": "", "customer_id": "ada", "partner_id": "mira"},
    ],
    "links": [
        {"utm_source": "x", "utm_campaign": "", "partner_id": "mira"},
        {"utm_source": "", "utm_campaign": "spring", "partner_id": "leo"},
    ],
    "clicks": [
        {"click_id": id, "clicked_at": at, "partner_id": partner, "customer_id": customer, "visitor_id": visitor, "utm_source": source, "utm_campaign": campaign}
        for id, at, partner, customer, visitor, source, campaign in [
            ("k1", "2026-03-19 12:00", "", "ada", "", "x", ""),
            ("k2", "2026-02-18 11:59", "mira", "ada", "", "", ""),
            ("k3", "2026-03-20 12:01", "mira", "ada", "", "", ""),
            ("k4", "2026-03-18 12:00", "", "ada", "", "", ""),
            ("k5", "2026-03-17 12:00", "", "ada", "", "x", "spring"),
            ("k6", "2026-03-16 12:00", "leo", "", "late", "", ""),
            ("k7", "2026-03-21 12:01", "", "ada", "late", "", ""),
            ("k8", "2026-03-15 12:00", "leo", "", "shared", "", ""),
            ("k9", "2026-03-14 12:00", "", "ada", "shared", "", ""),
            ("k10", "2026-03-15 12:01", "leo", "bo", "shared", "", ""),
        ]
    ],
}  # fmt: skip
WHY = {
    "code MIRA10": "counts",
    "code OLD": "expired at 2026-03-01 10:00",
    "code ADA5": "self-purchase: the partner is the customer",
    "code WHO": "nobody owns this code",
    "referral r1": "counts",
    "referral r2": "outside the lookback: more than 30 days before the order",
    "conversion v1": "counts",
    "conversion v2": "reversed",
    "conversion v3": "is a lead, not a sale",
    "conversion v4": "is about order 2 of a",
    "conversion v5": "no order is called 77, and it is of another day",
    "conversion v7": "names no partner and no campaign",
    "survey s1": "counts",
    "survey s2": "names no partner",
    "survey s3": "after the order",
    "click k1": "counts",
    "click k2": "outside the lookback: more than 30 days before the order",
    "click k3": "after the order",
    "click k4": "names no partner and no campaign, and no link fits it",
    "click k5": "links of several owners fit it equally",
    "click k6": "its browser was known as this customer too late: more than a day after the order",
    "click k7": "names no partner and no campaign, and no link fits it",
    "click k8": "its browser was last known as somebody else",
    "click k9": "names no partner and no campaign, and no link fits it",
    "click k10": "names another customer",
}


@pytest.fixture(scope="module")
def folder(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = start_programme(tmp_path_factory.mktemp("explained"), PLAN, EXTRACTS)
    for extract, rows in EXTRACTS.items():
        deliver(folder, extract, rows)
    warehouse = warehouse_file(read_programme(folder).folder)
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    build(project, folder, date(2026, 5, 1), warehouse).close()
    return folder


def ask(folder: Path, monkeypatch: pytest.MonkeyPatch, **environment: str) -> int:
    for name in ("ORDER", "SHOP"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"PROGRAMME": str(folder), **environment}.items():
        monkeypatch.setenv(name, value)
    return explain.main()


@pytest.fixture(scope="module")
def warehouse_rows(folder: Path) -> list[explain.Row]:
    with explain.read_warehouse(read_programme(folder).folder) as warehouse:
        return explain.read(warehouse, "considered", {"shop": "a", "order_id": "1"})


def test_all_that_names_the_order_or_its_customer_is_judged(warehouse_rows: list[explain.Row]):
    assert {f"{row['evidence']} {row['item_id']}": row["verdict"] for row in warehouse_rows} == WHY
    assert len(warehouse_rows) == len(WHY)


def test_what_counts_is_what_the_touches_are(folder: Path, warehouse_rows: list[explain.Row]):
    with explain.read_warehouse(read_programme(folder).folder) as warehouse:
        touches = warehouse.execute(
            "select touch_id, matched_by from intermediate.int_touches_counted where order_id = '1' order by all"
        ).fetchall()
    counted = [(f"{row['evidence']} {row['item_id']}", row["matched_by"]) for row in warehouse_rows if row["counts"]]
    assert sorted(counted) == touches
    assert ("click k1", "link") in touches and ("conversion v1", "order_ref") in touches


@pytest.mark.parametrize("number", ["1", " #1001 ", "TX-7"])
def test_an_order_is_explained_by_any_of_its_numbers(
    number: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    assert ask(folder, monkeypatch, ORDER=number) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Order 1 of a"
    facts = {line[:18].strip(): line[18:].strip() for line in lines[1:10]}
    customer = facts.pop("customer")
    assert len(customer) == 32
    assert facts == {
        "also called": "1001;tx-7",
        "ordered at (UTC)": "2026-03-20 12:00",
        "net": "100.00 EUR, of which 20.00 refunded",
        "is a sale": "yes",
        "paid": "yes",
        "renewal": "no",
        "new customer": "yes",
        "known by": "1 account, 1 e-mail address, 2 browsers, 1 partner id",
    }
    assert lines[11] == f"Considered: {len(WHY)}; 5 count"
    assert lines[13].split() == ["survey", "s1", "2026-03-20", "12:01", "mira", "–", "order_id", "counts"]
    # Code, conversion and answer are touches with the order; of these, the plan puts codes first.
    assert ["last_touch", "code", "MIRA10", "mira", "–", "100.0%", "80.00"] in [line.split() for line in lines]
    # Nothing that a person is known by, and no other pseudonym.
    text = "\n".join(lines)
    assert "ada@" not in text
    assert text.count(customer) == 1


def test_an_order_of_several_shops_is_listed_until_the_shop_is_given(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    assert ask(folder, monkeypatch, ORDER="9") == 1
    assert capsys.readouterr().err.splitlines() == [
        "2 orders are called 9. Say which: SHOP=… or, in one shop, ORDER=its id.",
        "  shop  order id  ordered at",
        "  a     9         2026-03-20 12:00",
        "  b     9         2026-03-20 13:00",
    ]
    assert ask(folder, monkeypatch, ORDER="9", SHOP="a") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  is a sale         no: status cancelled" in lines
    assert "the order is no sale: status cancelled" in next(line for line in lines if " v6 " in line)
    assert lines[-1] == "Credit: none. The order is untracked, or no sale."
    assert ask(folder, monkeypatch, ORDER="9", SHOP="b") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-3:] == [
        "  conversion  v6  2026-03-20 14:00  leo      –         –           ambiguous: several orders are called 9",
        "",
        "Credit: none. The order is untracked, or no sale.",
    ]


def test_a_renewal_says_that_the_plan_credits_the_first_order_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    assert ask(folder, monkeypatch, ORDER="2") == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("  conversion  v4"))
    assert line.endswith("the order is a renewal, and the plan credits the first order only")


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"ORDER": "404"}, "No order is called 404, by its id or its order_refs."),
        ({"ORDER": "1", "SHOP": "b"}, "No order is called 1 in b, by its id or its order_refs."),
        ({}, "Which order? make explain ORDER=its-number, and SHOP=… where several shops have it."),
    ],
)
def test_without_such_an_order_it_fails_and_says_so(
    environment: dict[str, str],
    message: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    assert ask(folder, monkeypatch, **environment) == 1
    assert capsys.readouterr().err.strip() == message


def test_before_the_first_run_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    folder = start_programme(tmp_path, PLAN, [])
    assert ask(folder, monkeypatch, ORDER="1") == 1
    assert capsys.readouterr().err.strip().endswith("is not built yet. What to do: make nightly")
