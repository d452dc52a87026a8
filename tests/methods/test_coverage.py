"""The quick version of benchmarks/coverage.py: with 300 comparisons a row, a method that misses its level is seen."""

import pytest

from benchmarks.coverage import (
    Situation,
    Tally,
    ask,
    convert,
    describe,
    draw_lognormal,
    draw_normal,
    draw_spend,
    measure,
    tally,
)

NULL = [
    ("newcombe", ask([0.3], [400], [400])),
    ("stratified score", ask([0.1, 0.3, 0.6], [100] * 3, [100] * 3)),
    ("newcombe", convert(0.05, 1000, 1000)),
    ("welch", measure("normal", draw_normal, 10, 50, 100)),
    ("bootstrap", measure("lognormal", draw_lognormal, 1.65, 100, 100)),
]


@pytest.mark.parametrize(("method", "situation"), NULL, ids=lambda value: getattr(value, "name", value))
def test_intervals_hold_the_truth_and_nothing_is_rarely_called_lift(method: str, situation: Situation):
    """Of 300 comparisons 95 % ± 4 (three standard errors) hold the truth."""
    found = tally(situation, 300)
    assert method in found.methods
    assert 0.91 <= found.coverage <= 0.99
    assert found.lift <= 0.05
    assert found.refused == 0


def test_an_effect_is_inside_the_interval_too_and_is_found():
    found = tally(ask([0.3], [400], [400], lift=0.1), 300)
    assert 0.91 <= found.coverage <= 0.99
    assert found.lift > 0.8


def test_a_comparison_that_no_method_can_make_is_refused():
    """100 units of whom ten buy, against 2,000: Welch held the truth 84 times in 100, the bootstrap 88."""
    assert tally(measure("spend", draw_spend, 3.31, 100, 2000), 50).refused > 0.9


def test_the_table_is_markdown_and_leaves_empty_what_nobody_knows():
    nothing = Tally("bootstrap", coverage=float("nan"), lift=float("nan"), loss=float("nan"), refused=1)
    found = Tally("newcombe", coverage=0.951, lift=0.02, loss=0.03, refused=0)
    header, _, first, second = describe([("few units", 0.5, nothing), ("many units", 0, found)])
    assert header == "| method | situation | effect | coverage | lift | loss | refused |"
    assert first == "| bootstrap | few units | 0.5 |  |  |  | 100.0% |"
    assert second == "| newcombe | many units | 0 | 95.1% | 2.0% | 3.0% | 0.0% |"
