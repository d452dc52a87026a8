import re
import subprocess
import sys
from pathlib import Path

import pytest

from expectations.suites import SuiteError, load_suites
from expectations.validation import find_personal
from orchestration.programme.contract import read_contract
from tests.expectations.tables import MARTS, RAW, ROOT, SUITES, read_columns, read_mart_columns, read_raw_models

SQL_WORDS = {
    *("and", "or", "not", "in", "is", "null", "interval", "day", "true", "false"),
    *("select", "from", "where", "group", "by", "having", "distinct", "batch"),
}
GOOD = """\
- promise: amounts_are_positive
  because: A negative one is a doubled export.
  severity: critical
  expectation: expect_column_values_to_be_between
  kwargs: {column: amount, min_value: 0}
"""


def write_suite(folder: Path, text: str) -> Path:
    (folder / "refunds.yml").write_text(text)
    return folder


def test_every_canonical_extract_has_a_suite():
    assert RAW.keys() == read_raw_models().keys()


def test_every_published_mart_has_a_suite():
    assert MARTS.keys() == read_mart_columns().keys()


@pytest.mark.parametrize("table", SUITES)
def test_a_suite_keeps_to_few_promises_that_explain_themselves(table):
    promises = SUITES[table]
    assert 2 <= len(promises) <= 7
    for promise in promises:
        assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", promise.name)
        assert promise.because.endswith(".")


@pytest.mark.parametrize("table", SUITES)
def test_every_column_of_a_promise_is_a_column_of_its_table(table):
    columns = read_columns()[table]
    for promise in SUITES[table]:
        named = {promise.kwargs["column"]} if "column" in promise.kwargs else set()
        condition = re.sub(r"'[^']*'", "", promise.kwargs.get("condition", ""))
        named |= set(re.findall(r"\b[a-z_]+\b(?!\()", condition, re.IGNORECASE))
        assert {name for name in named if name.lower() not in SQL_WORDS or name in columns} <= columns.keys()


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
        (GOOD + "  owner: jo\n", r"amounts_are_positive: unknown keys \['owner'\]"),
        (GOOD.replace("  severity: critical\n", ""), r"amounts_are_positive: .* missing keys \['severity'\]"),
        (GOOD + GOOD, "amounts_are_positive: promised twice"),
        (GOOD.replace("{column: amount, min_value: 0}", "amount"), "amounts_are_positive: kwargs 'amount'"),
        (GOOD.replace("A negative one is a doubled export.", '""'), "amounts_are_positive: because ''"),
        ("- amounts_are_positive\n", "'amounts_are_positive': a promise has the keys"),
        ("", "a suite is a list"),
        ("- {promise: [", "refunds.yml"),
    ],
)
def test_a_malformed_suite_is_refused_by_file_and_promise(tmp_path, text, message):
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
