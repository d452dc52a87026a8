"""Aliases of partners and synonyms of topics in plan.yml: how they are read, and what is refused."""

from pathlib import Path

import duckdb
import pytest

from orchestration.programme import Programme, ProgrammeError, read_programme, write_plan_tables

PLAN = "programme: N\ncurrency: EUR\ntimezone: UTC\n"


@pytest.fixture
def read(tmp_path: Path):
    def write_and_read(more: str) -> Programme:
        (tmp_path / "landing").mkdir(exist_ok=True)
        (tmp_path / "plan.yml").write_text(PLAN + more)
        (tmp_path / "extracts.yml").write_text("extracts: []\n")
        return read_programme(tmp_path)

    return write_and_read


def test_aliases_and_synonyms_are_tables_for_dbt(read):
    programme = read("aliases: {p-99: p-12, 007: p-12}\nsynonyms: {Latte Art: coffee}\n")
    assert write_plan_tables(programme)["aliases"] == 2
    with duckdb.connect() as connection:
        tables = {
            name: connection.read_parquet(str(programme.folder.raw / f"plan/{name}.parquet")).fetchall()
            for name in ("aliases", "synonyms")
        }
    assert tables == {"aliases": [("p-99", "p-12"), ("007", "p-12")], "synonyms": [("Latte Art", "coffee")]}


@pytest.mark.parametrize("more", ["", "aliases:\nsynonyms:\n", "aliases: {}\n"])
def test_a_plan_needs_neither(read, more):
    assert (read(more).plan.aliases, read(more).plan.synonyms) == ({}, {})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("aliases:\n  p-1: p-1\n", ["line 5: aliases: 'p-1' is mapped to itself. Remove the line."]),
        ("aliases:\n  p-1: ' p-1 '\n", ["line 5: aliases: 'p-1' is mapped to itself."]),
        (
            "aliases:\n  p-1: p-2\n  p-2: p-3\n",
            ["line 5: aliases: 'p-1' is mapped to 'p-2', which is itself mapped. Write `p-1: p-3`."],
        ),
        (
            "aliases:\n  p-1: p-2\n  p-2: p-3\n  p-3: p-2\n",
            [f"line {line}: aliases: '{old}' is mapped to '{new}', in a circle. Remove the line of the name"
             for line, old, new in ((5, "p-1", "p-2"), (6, "p-2", "p-3"), (7, "p-3", "p-2"))],
        ),
        ("aliases:\n  p-1: [p-2, p-3]\n", ["line 5: aliases.p-1 must be a text, not a list"]),
        ("aliases:\n  p-1:\n", ["line 5: aliases.p-1 must be a text, not empty"]),
        ("aliases: [p-1, p-2]\n", ["line 4: aliases must be a list of `name: value`, not a list"]),
        ("aliases:\n  p-1: ''\n", ["line 5: the text is empty"]),
        ("aliases:\n  p-1: p-2\n  p-1: p-3\n", ["line 6: 'p-1' is there twice, first on line 5"]),
        ("synonyms:\n  Coffee: coffee\n", ["line 5: synonyms: 'Coffee' is mapped to itself"]),
        ("synonyms:\n  espresso: Coffee\n  coffee: drinks\n",
         ["line 5: synonyms: 'espresso' is mapped to 'Coffee', which is itself mapped. Write `espresso: drinks`"]),
        ("synonyms:\n  espresso: coffee\n  Espresso: bar\n",
         ["line 6: 'Espresso' is there twice in synonyms, first on line 5. Keep one of them."]),
    ],
)  # fmt: skip
def test_a_name_leads_to_another_in_one_step(read, more, said):
    with pytest.raises(ProgrammeError) as caught:
        read(more)
    messages = str(caught.value).splitlines()
    assert len(messages) == len(said), messages
    for message, start in zip(messages, said, strict=True):
        assert message.startswith(f"plan.yml {start}"), message


def test_an_alias_hides_no_other_mistake(read):
    with pytest.raises(ProgrammeError) as caught:
        read("aliases: {p-1: p-1}\nlookback_days: -1\n")
    assert [problem.line for problem in caught.value.problems] == [4, 5]
