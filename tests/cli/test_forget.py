"""Whom an id means, before anybody is erased."""

import pytest

from orchestration.cli.forget import choose_people
from orchestration.warehouse.identities import Person

ANN = Person("ann", "a", frozenset({("h17", "a")}), frozenset())
BEN = Person("ben", "b", frozenset({("h17", "b")}), frozenset())
FOUND = {"h17": [ANN, BEN], "h-ann": [Person("ann", None, frozenset({("h-ann", None)}), frozenset({"h-ann"}))]}


def test_an_account_of_several_people_needs_its_shop(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ValueError, match=r"several shops: a, b\. Nobody was erased"):
        choose_people(FOUND, {"17": "h17"})
    monkeypatch.setenv("SHOP", "b")
    assert choose_people(FOUND, {"17": "h17"}) == {"h17": BEN}


def test_an_account_that_the_shop_does_not_have_erases_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SHOP", "c")
    with pytest.raises(ValueError, match=r"an account of a, b, not of c\. Nobody was erased"):
        choose_people(FOUND, {"17": "h17"})


def test_an_address_means_its_person_in_every_shop(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SHOP", "c")
    assert choose_people(FOUND, {"ann@x.example": "h-ann"}) == {"h-ann": FOUND["h-ann"][0]}


def test_an_id_that_nobody_has_means_nobody():
    assert choose_people(FOUND, {"99": "h99"}) == {}
