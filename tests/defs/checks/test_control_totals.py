"""A total that differs is reported with what it is and what it should be."""

from decimal import Decimal

from orchestration.defs.checks.control_totals import compare


def test_a_difference_names_the_total_what_it_is_and_what_it_should_be():
    rows = [("linear", None, Decimal("99.99")), ("markov", None, Decimal("100.00"))]
    assert list(compare("credits", rows, None, Decimal("100.00"), "EUR")) == [
        "results.credits, linear: net revenue is 99.99 EUR instead of 100.00: -0.01 EUR"
    ]
    assert list(compare("orders", [("all orders", 2, Decimal("5.00"))], 3, Decimal("5.00"), "EUR")) == [
        "results.orders, all orders: 2 orders instead of 3: -1"
    ]
    assert list(compare("daily", [], None, Decimal("0.00"), "EUR")) == []
