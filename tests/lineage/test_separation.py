"""Reach stays apart from results: in the project as it stands, and however somebody tries to smuggle it across."""

import pytest

from orchestration.lineage.proof import Proof
from tests.lineage.leaks import FURTHER, WAYS


def find_paths(mart: str, proof: Proof) -> list[str]:
    return [leak.path for leak in proof.separation.leaks[mart]]


def test_reach_stays_apart_in_the_project_as_it_stands(proof: Proof):
    assert list(proof.separation.describe()) == []
    assert {mart.partition(".")[0] for mart in proof.separation.leaks} >= {"reach", "results", "goals"}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_smuggle_is_caught_with_its_path(way: str, smuggled: Proof):
    paths = find_paths(f"results.smuggled_{way}", smuggled)
    assert paths
    for path in paths:
        start, *_, end = path.split(" ← ")
        assert start.startswith(f"results.smuggled_{way}.")
        assert end.split()[-1] in (
            "raw.linkedin_posts.likes",
            "smuggled_weights.weight",
            "stg_extracts__post_metrics.post_id",
            "stg_extracts__post_metrics.*rows*",
        )


@pytest.mark.parametrize("way", WAYS)
def test_the_same_on_a_column_that_is_no_reach_is_let_through(way: str, smuggled: Proof):
    assert find_paths(f"results.innocent_{way}", smuggled) == []


@pytest.mark.parametrize("mart", FURTHER)
def test_every_schema_has_its_border(mart: str, smuggled: Proof):
    paths = find_paths(mart.replace("__", "."), smuggled)
    assert bool(paths) == ("smuggled" in mart)


def test_what_is_not_declared_is_told_by_name(smuggled: Proof):
    assert sorted(smuggled.separation.errors) == [
        "seeds/misnamed.csv: misnamed.followers is called like a counter and does not declare its family",
        "seeds/undeclared_weights.csv: undeclared_weights.weight declares no family (config: {meta: {family: …}}, one of"
        " reach, engagement, result, relationship, reference)",
    ]
    assert not smuggled.separation.holds
