"""Placebo tests before the start, by numbers that one can check in one's head."""

import numpy as np
import pytest
from placebo_tests import MOST_PLACEBOS, infer_effect, run_placebo_tests


def test_each_stretch_is_compared_with_the_other_days_except_those_just_after_it():
    """Donors that never move leave the mean of the fitted days as prediction."""
    treated = np.array([1.0, 1.0, -1.0, -1.0, 1.0, 1.0, -1.0, -1.0])

    effects = run_placebo_tests(treated, np.zeros((8, 2)), length=2)

    assert effects == pytest.approx(
        [
            (-1 - 1 / 3) * np.sqrt((1 + 2 / 8) / (1 + 2 / 6)),  # days 7, 8 beside days 1 to 6
            (1 - 0) * np.sqrt((1 + 2 / 8) / (1 + 2 / 4)),  # days 5, 6 beside days 1 to 4
            (-1 - 0) * np.sqrt((1 + 2 / 8) / (1 + 2 / 4)),  # days 3, 4 beside days 1, 2, 7, 8
            (1 - 0) * np.sqrt((1 + 2 / 8) / (1 + 2 / 4)),  # days 1, 2 beside days 5 to 8
        ]
    )


def test_after_a_day_a_week_is_left_out():
    treated = np.zeros(40)
    treated[20:28] = [8.0, 1, 1, 1, 1, 1, 1, 1]

    effects = run_placebo_tests(treated, np.zeros((40, 2)), length=1)

    assert effects[19] == pytest.approx(8 * np.sqrt((1 + 1 / 40) / (1 + 1 / 32)))


def test_days_that_fill_no_stretch_are_the_earliest():
    treated = np.array([9.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])

    effects = run_placebo_tests(treated, np.zeros((7, 2)), length=3)

    assert len(effects) == 2
    assert effects[0] < 0  # days 5 to 7 beside days 1 to 4, whose mean is above 0


def test_a_long_history_has_a_limit():
    assert len(run_placebo_tests(np.arange(200.0), np.zeros((200, 2)), length=1)) == MOST_PLACEBOS


def test_the_limits_are_students():
    """t with 3 degrees of freedom: 3.182 is its two-sided 5 % point, and P(|t| > 2) = 0.1393 (any table)."""
    inference = infer_effect(2.0, np.array([1.0, -1.0, 1.0, -1.0]))

    assert inference.low == pytest.approx(2 - 3.182, abs=0.0005)
    assert inference.high == pytest.approx(2 + 3.182, abs=0.0005)
    assert inference.p_value == pytest.approx(0.1393, abs=0.0001)


@pytest.mark.parametrize(("effect", "p_value"), [(2.0, 0.0), (0.0, 1.0)])
def test_placebo_tests_without_error_leave_nothing_to_chance(effect, p_value):
    inference = infer_effect(effect, np.zeros(4))

    assert (inference.low, inference.high, inference.p_value) == (effect, effect, p_value)
