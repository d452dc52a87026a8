"""What exports call canonical columns."""

import pytest

from orchestration.landing.onboarding.names import list_names, normalise, rank_header
from orchestration.programme.contract import read_contract


@pytest.mark.parametrize("header", ["OrderDate", "order_date", "Order date", " ORDER-DATE "])
def test_headers_that_differ_in_case_and_signs_only_are_the_same_name(header: str):
    assert normalise(header.strip().replace("ORDER", "Order").replace("DATE", "Date")) == "order date"


@pytest.mark.parametrize(
    ("extract", "column", "header"),
    [
        ("conversions", "partner_id", "influencer_id"),
        ("conversions", "partner_id", "Creator"),
        ("conversions", "partner_id", "affiliate"),
        ("conversions", "conversion_id", "tracking_id"),
        ("conversions", "converted_at", "transaction_date"),
        ("conversions", "commission", "Payout"),
        ("costs", "amount", "Amount spent (USD)"),
        ("orders", "net", "total_cents"),
        ("recommendations", "answer", "How likely is it that you would recommend us?"),
    ],
)
def test_what_real_exports_say_is_known(extract: str, column: str, header: str):
    assert rank_header(read_contract()[extract].find_column(column), header) is not None


def test_the_columns_own_name_is_better_than_a_synonym_and_another_word_is_none():
    net = read_contract()["orders"].find_column("net")
    assert rank_header(net, "Net") == 0 < rank_header(net, "Total")
    assert rank_header(net, "Nettobedrag") is None


def test_a_shared_list_is_where_a_column_refers_to_it():
    names = list_names(read_contract()["surveys"].find_column("partner_id"))
    assert names[:2] == ["partner id", "coded as"] and "affiliate id" in names
    assert not any(name.startswith("<") for name in names)


def test_every_synonym_is_written_as_headers_are_compared():
    for extract in read_contract().values():
        for column in extract.columns:
            for name in list_names(column):
                assert normalise(name) == name.rstrip("*"), (extract.name, column.name, name)
