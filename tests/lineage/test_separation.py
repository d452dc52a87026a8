"""Reach and results are separate: in the project, and every way in which reach could leak is found."""

import pytest

from orchestration.lineage.proof import Proof
from tests.lineage.leaks import FURTHER, WAYS


def find_paths(mart: str, proof: Proof) -> list[str]:
    return [leak.path for leak in proof.separation.leaks[mart]]


def test_reach_and_results_are_separate_in_the_project(proof: Proof):
    assert list(proof.separation.describe()) == []
    assert {mart.partition(".")[0] for mart in proof.separation.leaks} >= {"reach", "results", "goals"}


@pytest.mark.parametrize("way", WAYS)
def test_every_leak_is_found_with_its_path(way: str, leaking: Proof):
    paths = find_paths(f"results.leaked_{way}", leaking)
    assert paths
    for path in paths:
        start, *_, end = path.split(" ← ")
        assert start.startswith(f"results.leaked_{way}.")
        assert end.split()[-1] in (
            "raw.linkedin_posts.likes",
            "leaked_weights.weight",
            "stg_extracts__post_metrics.post_id",
            "stg_extracts__post_metrics.*rows*",
        )


@pytest.mark.parametrize("way", WAYS)
def test_the_same_on_a_column_that_is_no_reach_is_let_through(way: str, leaking: Proof):
    assert find_paths(f"results.innocent_{way}", leaking) == []


@pytest.mark.parametrize("mart", FURTHER)
def test_every_schema_is_proved(mart: str, leaking: Proof):
    paths = find_paths(mart.replace("__", "."), leaking)
    assert bool(paths) == ("leaked" in mart)


def test_what_is_not_declared_is_reported_by_name(leaking: Proof):
    assert sorted(leaking.separation.errors) == [
        "seeds/misnamed.csv: misnamed.followers is called like a counter and does not declare its family",
        "seeds/undeclared_weights.csv: undeclared_weights.weight declares no family (config: {meta: {family: …}}, one of"
        " reach, engagement, result, relationship, reference)",
    ]
    assert not leaking.separation.holds
