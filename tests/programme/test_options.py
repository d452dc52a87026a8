"""Mistakes in the options of an entry: each is reported with its line and what to do, before anything is read."""

from pathlib import Path

import pytest

from orchestration.programme import ProgrammeError, read_programme
from orchestration.programme.extracts import Entry

PLAN = "programme: N\ncurrency: EUR\ntimezone: Europe/Brussels\n"


def read_entries(folder: Path, extracts: str) -> tuple[Entry, ...]:
    (folder / "landing").mkdir(exist_ok=True)
    (folder / "plan.yml").write_text(PLAN)
    (folder / "extracts.yml").write_text(extracts)
    kpis = folder / "kpis.csv"
    kpis.write_text("kpi,family\nnet_revenue,result\n")
    return read_programme(folder, kpis).entries


def write_entry(option: str, table: str = "feeds: conversions") -> str:
    return f"extracts:\n  - files: landing/*.csv\n    {table}\n    {option}\n"


@pytest.mark.parametrize(
    ("option", "problems"),
    [
        ("name: awin eu", ["name is 'awin eu', which cannot be the name of a folder. Write letters, digits, _ and - only"]),
        ("map: {sate: {a: approved}}", ["conversions has no column 'sate'. Did you mean 'state'?"]),
        ("map: {state: paid}", ["map.state must be a list of `name: value`, not 'paid'"]),
        ("map: {state: {paid: aproved}}", ["'aproved' for state is not one of pending, approved, reversed. Did you mean 'approved'?"]),
        ("map: {state: {paid: approved, ' Paid': pending}}", ["' Paid' is the same word as 'paid'"]),
        ("map: {revenue: {free: nothing}}", ["'nothing' for revenue is not a money amount"]),
        ("map: {state: {none: pending}}\n    nulls: [None]", ["'none' is also in nulls. Keep it in one of them"]),
        ("map: {state: {paid: approved}}\n    values: {state: approved}", ["state is in map and in values"]),
        ("keep: {source: []}", ['the values are not a list of texts. Write a list such as [influencer, creator], "" for empty']),
        ("keep: {source: {a: b}}", ["the values are not a list of texts"]),
        ("keep: [source]", ["keep must be a list of `name: value`, not a list"]),
        ("drop: {source: }", ["the values are not a list of texts"]),
        ("ids: {conversion_id: Row}", ["an id is made of headers of the file or of the row. Write a list of headers"]),
        ("ids: {conversion_id: []}", ["an id is made of headers of the file or of the row"]),
        ("ids: {revenue: [a, b]}", ["revenue is a money, not an id"]),
        ("ids: {partner_id: row}", ["partner_id is not in the key of conversions, so it cannot be the row itself. Write row for conversion_id only"]),
        ("ids: {conversion_id: row}\n    columns: {conversion_id: Id}", ["conversion_id is in both columns and ids. Keep it in one of them"]),
        ("units: {revenue: cent}", ["units.revenue is 'cent'. Did you mean 'cents'?"]),
        ("units: {revenue: epoch_s}", ["revenue is a money, which has no unit epoch_s. Its units are cents, thousandths"]),
        ("units: {converted_at: cents}", ["converted_at is a timestamp, which has no unit cents. Its units are epoch_s, epoch_ms, epoch_us"]),
        ("units: {state: percent}", ["state is a text, which has no unit percent. Remove it from units"]),
        ("units: {revenue: cents}\n    values: {revenue: '5'}", ["revenue is in units and in values"]),
        ("nulls: '-'", ["nulls must be a list, not '-'"]),
        ("match: prefix", ["match is for codes, and conversions has none"]),
        ("flags: {kind: {sale: Yes, sales: No}}", ["'sales' for kind is not one of sale, lead, signup, install. Did you mean 'sale'?"]),
        ("flags: {revenue: {yes: Yes}}", ["revenue is a money, which flags cannot give"]),
        ("flags: {kind: {}}", ["flags has no word for kind"]),
        ("flags: {kind: {sale: Yes}}\n    columns: {kind: Kind}", ["kind is in both columns and flags"]),
        ("orders_per_row: orders", ["orders_per_row is for orders, and conversions has none"]),
        ("duplicates: first", ["duplicates is 'first'. Write 'last'"]),
        ("allow_empty: maybe", ["allow_empty is 'maybe'. Write true or false"]),
        ("scale: 5", ["scale is for recommendations, and conversions has none"]),
        ("gift_cards: [Gift card]", ["gift_cards is for lines of orders, and conversions has none"]),
    ],
)  # fmt: skip
def test_a_mistake_is_reported_with_its_line_and_what_to_do(tmp_path, option, problems):
    with pytest.raises(ProgrammeError) as raised:
        read_entries(tmp_path, write_entry(option))
    lines = str(raised.value).splitlines()
    assert len(lines) == len(problems)
    for line, problem in zip(lines, problems, strict=True):
        assert line.startswith(("extracts.yml line 4: ", "extracts.yml line 5: ")) and problem in line, line


@pytest.mark.parametrize(
    ("table", "option", "problem"),
    [
        ("feeds: recommendations", "scale: 7", "scale is '7'. Write 5"),
        ("feeds: orders", "orders_per_row: {orders: two}", "orders_per_row.orders is 'two'"),
        ("feeds: orders", "orders_per_row: [orders]", "orders_per_row does not name one header"),
        ("feeds: orders", "orders_per_row: {a: one, b: one}", "orders_per_row does not name one header"),
        ("feeds: codes", "match: begins", "match is 'begins'. Write 'exact' or 'prefix'"),
        ("format: ga4_sessions\n    timezone: UTC", "ids: {user_id: row}", "user_id is a person, and a row is none"),
        ("format: shopify_orders\n    values: {shop: eu}", "gift_cards: [' ']", "a name in gift_cards is empty"),
        ("format: x_posts", "map: {likes_: {a: '1'}}", "x_posts has no column 'likes_'. Did you mean 'likes'?"),
    ],
)  # fmt: skip
def test_a_mistake_for_another_table_is_reported_too(tmp_path, table, option, problem):
    with pytest.raises(ProgrammeError, match=r"extracts.yml line [45]: ") as raised:
        read_entries(tmp_path, write_entry(option, table))
    assert problem in str(raised.value)


def test_every_mistake_is_reported_at_once(tmp_path):
    with pytest.raises(ProgrammeError) as raised:
        read_entries(
            tmp_path,
            write_entry(
                "units: {revenue: cent}\n    map: {state: {paid: x}}\n    match: no\n    scale: 5\n    dorp: {}"
            ),
        )
    found = str(raised.value)
    assert len(found.splitlines()) == 6
    for line, name in (
        (4, "units.revenue"),
        (5, "'x' for state"),
        (6, "match is for"),
        (7, "scale is for"),
        (8, "dorp"),
    ):
        assert any(text.startswith(f"extracts.yml line {line}: ") and name in text for text in found.splitlines()), name


def test_two_entries_cannot_have_the_same_name(tmp_path):
    entry = "  - files: landing/*.csv\n    feeds: codes\n    name: {}\n"
    with pytest.raises(ProgrammeError, match="line 7: the name 'SHOP' is taken by the entry on line 4"):
        read_entries(tmp_path, "extracts:\n" + entry.format("shop") + entry.format("SHOP"))


def test_an_entry_is_called_by_its_name_or_its_table(tmp_path):
    entries = read_entries(
        tmp_path,
        "extracts:\n  - {files: landing/crm/invites_*.csv, feeds: referrals}\n"
        "  - {files: landing/awin/2026-*.csv, format: awin_transactions, timezone: UTC, name: awin_eu}\n"
        "  - {files: landing/*.csv, feeds: codes}\n",
    )
    assert [entry.label for entry in entries] == ["referrals", "awin_eu", "codes"]


def test_one_word_needs_no_brackets_and_null_is_the_empty_word(tmp_path):
    [entry] = read_entries(tmp_path, write_entry("keep: {source: influencer}\n    drop: {campaign: [Total, null]}"))
    assert (entry.keep, entry.drop) == ({"source": ["influencer"]}, {"campaign": ["Total", ""]})
