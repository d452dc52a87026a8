"""The date in a file's name."""

from datetime import datetime

import pytest

from orchestration.landing.file_dates import find_date


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orders_2026-03-01.csv", datetime(2026, 3, 1)),
        ("orders_2026_03_01.csv", datetime(2026, 3, 1)),
        ("orders20260301.csv", datetime(2026, 3, 1)),
        ("20260301T101500.csv", datetime(2026, 3, 1, 10, 15)),
        ("orders_20260301101500.csv", datetime(2026, 3, 1, 10, 15)),
        ("orders_2026-03-01-1015.csv", datetime(2026, 3, 1, 10, 15)),
        ("orders_2026-03-01 10.15.30.csv", datetime(2026, 3, 1, 10, 15, 30)),
        ("orders_2026-03-01_9999.csv", datetime(2026, 3, 1)),
        ("orders_2026-03-01_2026-03-31.csv", datetime(2026, 3, 31)),
        ("orders_20260301-20260331.csv", datetime(2026, 3, 31)),
        ("orders_2026-03.csv", datetime(2026, 3, 1)),
        ("orders_2026-02-30.csv", None),
        ("orders_1989-01-01.csv", None),
        ("orders_2100-01-01.csv", None),
        ("orders_31198705046.csv", None),
        ("orders.csv", None),
    ],
)
def test_a_date_in_a_file_name_is_found(name, expected):
    assert find_date(name) == expected
