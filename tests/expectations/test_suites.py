import re
import subprocess
import sys
from pathlib import Path

import pytest

from expectations.suites import SuiteError, load_suites
from expectations.validation import find_personal
from orchestration.programme.contract import read_contract
from tests.expectations.tables import (
    MARTS,
    RAW,
    ROOT,
    SUITES,
    read_columns,
    read_mart_columns,
    read_raw_models,
    read_yaml,
)

SUITE_FILES = sorted((ROOT / "expectations").rglob("*.yml"))
SQL_WORDS = {
    *("and", "or", "not", "in", "is", "null", "interval", "day", "true", "false"),
    *("select", "from", "where", "group", "by", "having", "distinct", "batch"),
}
EXPECTATION = """\
  - meta: {check: amounts_are_positive}
    notes: A negative one is a doubled export.
    severity: critical
    type: expect_column_values_to_be_between
    kwargs: {column: amount, min_value: 0}
"""
GOOD = f"name: refunds\nexpectations:\n{EXPECTATION}"


def id_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def write_suite(folder: Path, text: str) -> Path:
    (folder / "refunds.yml").write_text(text)
    return folder


def test_every_canonical_extract_has_a_suite():
    assert RAW.keys() == read_raw_models().keys()


def test_every_published_mart_has_a_suite():
    assert MARTS.keys() == read_mart_columns().keys()


@pytest.mark.parametrize("table", SUITES)
def test_a_suite_has_few_checks_with_a_name_and_a_reason(table):
    checks = SUITES[table]
    assert 2 <= len(checks) <= 7
    for check in checks:
        assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", check.name)
        assert check.notes.endswith(".")


@pytest.mark.parametrize("table", SUITES)
def test_every_column_of_a_check_is_a_column_of_its_table(table):
    columns = read_columns()[table]
    for check in SUITES[table]:
        named = {check.kwargs["column"]} if "column" in check.kwargs else set()
        query = re.sub(r"'[^']*'", "", check.kwargs.get("unexpected_rows_query", ""))
        named |= set(re.findall(r"\b[a-z_]+\b(?!\()", query, re.IGNORECASE))
        assert {name for name in named if name.lower() not in SQL_WORDS or name in columns} <= columns.keys()


@pytest.mark.parametrize("path", SUITE_FILES, ids=id_of)
def test_great_expectations_loads_stores_and_returns_a_suite_file_as_it_is(path):
    """An expectation that it does not know is logged and left out, so every field of every expectation is compared."""
    import great_expectations as gx

    content = read_yaml(path)
    loaded = gx.ExpectationSuite(**content)
    assert loaded.name == content["name"]
    assert loaded.to_json_dict()["expectations"] == content["expectations"]
    suites = gx.get_context(mode="ephemeral").suites
    suites.add(loaded)
    stored = suites.get(content["name"]).to_json_dict()["expectations"]
    # The store gives each expectation an id of its own, a UUID.
    assert [{key: entry[key] for key in entry if key != "id"} for entry in stored] == content["expectations"]


def test_the_loader_reads_every_expectation_of_every_suite_file():
    assert len(SUITE_FILES) == len(SUITES)
    assert sum(len(read_yaml(path)["expectations"]) for path in SUITE_FILES) == sum(map(len, SUITES.values()))


def test_only_some_suites_can_be_loaded():
    assert list(load_suites(ROOT / "expectations/marts", ["goals.kpis", "reach.daily"])) == [
        "goals.kpis",
        "reach.daily",
    ]


def test_a_name_without_a_suite_is_an_error():
    with pytest.raises(SuiteError, match="no suite for influence"):
        load_suites(ROOT / "expectations/raw", ["influence"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("critical", "fatal"), "amounts_are_positive: severity 'fatal'"),
        (GOOD + "    owner: jo\n", r"amounts_are_positive: unknown keys \['owner'\]"),
        (GOOD.replace("    severity: critical\n", ""), r"amounts_are_positive: .* missing keys \['severity'\]"),
        (GOOD + EXPECTATION, "amounts_are_positive: two checks have this name"),
        (GOOD.replace("{column: amount, min_value: 0}", "amount"), "amounts_are_positive: kwargs 'amount'"),
        (GOOD.replace("A negative one is a doubled export.", '""'), "amounts_are_positive: notes ''"),
        (GOOD.replace("{check: amounts_are_positive}", "amounts_are_positive"), "meta 'amounts_are_positive'"),
        (GOOD.replace("{check: ", "{name: "), r"meta {'name': 'amounts_are_positive'} is not {check: its name}"),
        (
            "name: refunds\nexpectations: [amounts_are_positive]\n",
            "'amounts_are_positive': an expectation has the keys",
        ),
        (GOOD.replace("name: refunds", "name: orders"), "name 'orders' is not refunds"),
        ("name: refunds\nexpectations: []\n", "expectations are no list, or an empty one"),
        ("", "a suite has the keys expectations, name"),
        (EXPECTATION, "a suite has the keys expectations, name"),
        ("- {name: [", "refunds.yml"),
    ],
)
def test_a_malformed_suite_is_refused_by_file_and_check(tmp_path, text, message):
    with pytest.raises(SuiteError, match=rf"refunds\.yml(.|\n)*{message}"):
        load_suites(write_suite(tmp_path, text))


def test_personal_data_is_what_the_extracts_declare_as_personal():
    """What a description calls personal is also declared to identify somebody, and is never shown."""
    for table, columns in read_raw_models().items():
        personal = {column["name"] for column in columns if "Personal data" in column["description"]}
        declared = {column.name for column in read_contract()[table].columns if column.identifies or column.describes}
        assert personal <= declared <= find_personal(table)


def test_loading_suites_does_not_import_great_expectations():
    script = (
        "import sys, expectations.suites, expectations.validation; assert not {'great_expectations', 'sqlalchemy'} "
        "& sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
