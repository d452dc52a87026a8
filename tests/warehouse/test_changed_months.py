"""A run says which months it builds again."""

from datetime import date

from orchestration.warehouse.changed_months import JourneyMonth, describe_changes

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


def test_months_that_differ_are_named_with_the_orders_that_came_or_went():
    before = {MARCH: JourneyMonth(10, "a"), APRIL: JourneyMonth(5, "b"), MAY: JourneyMonth(1, "c")}
    now = {MARCH: JourneyMonth(12, "d"), APRIL: JourneyMonth(5, "e")}
    assert describe_changes(before, now) == (
        "3 of 3 months of journeys are built again: 2026-03 (2 more orders), 2026-04, 2026-05 (1 fewer order)"
    )
    assert describe_changes(before, before) == "none of 3 months of journeys differs"
    assert describe_changes({}, {MAY: JourneyMonth(0, "c")}) == "1 of 1 months of journeys is built again: 2026-05"


def test_many_months_are_counted():
    now = {date(year, 1, 1): JourneyMonth(1, "a") for year in range(2000, 2020)}
    assert describe_changes({}, now).endswith("2011-01 (1 more order), … and 8 more")
