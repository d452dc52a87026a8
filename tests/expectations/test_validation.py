import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest

from expectations.suites import Check
from expectations.validation import ExpectationErrored, Outcome, UnknownExpectation, validate
from tests.expectations.tables import HERE, ROOT, SUITES, create_table, read_columns, read_yaml

pytestmark = pytest.mark.filterwarnings("ignore:`schema_name` is deprecated:DeprecationWarning")

CHECKS = [check for checks in SUITES.values() for check in checks]
BAD_ROWS = read_yaml(HERE / "bad_rows.yml")
HEALTHY_ROWS = read_yaml(HERE / "healthy_rows.yml")


def id_of(check: Check) -> str:
    return f"{check.table}.{check.name}"


def in_schema(check: Check, schema: str) -> Check:
    return replace(check, table=f"{schema}.{check.table.replace('.', '_')}")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> Iterator[dict[tuple[str, str], Outcome]]:
    """Outcomes by schema and check: in `healthy`, in `empty`, and of each check in its own `bad` schema."""
    database = tmp_path_factory.mktemp("validation") / "checks.duckdb"
    cases: list[tuple[str, Check]] = []
    with duckdb.connect(database) as connection:
        for table, columns in read_columns().items():
            if table not in SUITES:
                continue
            name = table.replace(".", "_")
            create_table(connection, f"healthy.{name}", columns, HEALTHY_ROWS[table])
            create_table(connection, f"empty.{name}", columns, [])
            cases += [(schema, check) for schema in ("healthy", "empty") for check in SUITES[table]]
            for number, check in enumerate(SUITES[table]):
                rows = [HEALTHY_ROWS[table][0] | row for row in BAD_ROWS[table][check.name]]
                create_table(connection, f"bad_{number}.{name}", columns, rows)
                cases.append((f"bad_{number}", check))
    found = validate(database, [in_schema(check, schema) for schema, check in cases])
    yield {(schema[:3], id_of(check)): outcome for (schema, check), outcome in zip(cases, found, strict=True)}


@pytest.fixture
def orders(tmp_path):
    """A file with the healthy orders as this run's delivery, behind a view."""
    database = tmp_path / "with spaces & $HOME.duckdb"
    with duckdb.connect(database) as connection:
        create_table(connection, "raw.orders", read_columns()["orders"], HEALTHY_ROWS["orders"])
        connection.execute("CREATE SCHEMA delivered; CREATE VIEW delivered.orders AS FROM raw.orders")
    return database


def check_where(condition: str) -> Check:
    query = {"unexpected_rows_query": f"SELECT * FROM {{batch}} WHERE {condition}"}
    return Check("orders", "nothing_odd", "Odd is odd.", "critical", "unexpected_rows_expectation", query)


@pytest.mark.parametrize("check", CHECKS, ids=id_of)
def test_bad_rows_fail_the_check(check, outcomes):
    outcome = outcomes["bad", id_of(check)]
    assert not outcome.success
    if outcome.unexpected_count is not None:
        assert outcome.unexpected_count == len(BAD_ROWS[check.table][check.name]) == len(outcome.failing_rows)
    json.dumps(outcome.failing_rows, allow_nan=False)


@pytest.mark.parametrize("check", CHECKS, ids=id_of)
def test_healthy_rows_pass_the_check(check, outcomes):
    outcome = outcomes["hea", id_of(check)]
    assert outcome.success, outcome.failing_rows
    assert outcome.rows_checked == len(HEALTHY_ROWS[check.table])


@pytest.mark.parametrize("check", [check for check in CHECKS if check.severity == "critical"], ids=id_of)
def test_an_empty_table_passes_every_critical_check(check, outcomes):
    assert outcomes["emp", id_of(check)].success


def test_every_bad_row_belongs_to_a_check():
    assert {(table, name) for table, names in BAD_ROWS.items() for name in names} == {
        (check.table, check.name) for check in CHECKS
    }


def test_failing_rows_are_shown_without_personal_data(outcomes):
    (row,) = outcomes["bad", "referrals.nobody_invites_themselves"].failing_rows
    assert row["referral_id"] == "i1"
    assert row["referrer_id"] == row["referred_customer_id"] == "(personal)"
    assert row["invited_at"] == "2026-03-01T10:00:00"


def test_an_outcome_counts_the_rows_that_fail_the_check(outcomes):
    assert outcomes["bad", "refunds.amounts_are_positive"].observed == "1 of 1 rows"
    assert outcomes["bad", "orders.delivery_is_not_empty"].observed == "0"


def test_at_most_five_failing_rows_are_shown(orders):
    with duckdb.connect(orders) as connection:
        connection.execute("INSERT INTO raw.orders SELECT o.* FROM raw.orders AS o, range(9)")
    between = Check(
        "orders",
        "net_is_huge",
        "Big.",
        "warning",
        "expect_column_values_to_be_between",
        {"column": "net", "min_value": 1e6},
    )
    for outcome in validate(orders, [check_where("net >= 0"), between]):
        assert (outcome.unexpected_count, len(outcome.failing_rows)) == (30, 5)


def test_unexpected_rows_are_counted_in_full_and_read_in_part(orders, monkeypatch):
    """The dialect streams: of 30,000 unexpected rows only those that Great Expectations asks for leave DuckDB."""
    from duckdb_engine import CursorWrapper

    fetched = []
    fetch = CursorWrapper.fetchmany
    monkeypatch.setattr(CursorWrapper, "fetchmany", lambda self, n=None: fetched.append(fetch(self, n)) or fetched[-1])
    with duckdb.connect(orders) as connection:
        connection.execute("INSERT INTO raw.orders SELECT o.* FROM raw.orders AS o, range(9999)")
    (outcome,) = validate(orders, [check_where("net >= 0")])
    assert outcome.observed == "30,000 of 30,000 rows"
    assert max(map(len, fetched)) == 200


def test_no_progress_bar_is_drawn(orders, capfd):
    validate(orders, [check_where("net >= 0")])
    assert capfd.readouterr() == ("", "")


def test_a_check_that_cannot_be_evaluated_neither_passes_nor_fails(orders):
    with pytest.raises(ExpectationErrored, match=r"orders\.nothing_odd: .*influence"):
        validate(orders, [check_where("influence > 3")])


def test_a_missing_table_is_an_error(orders):
    with pytest.raises(ExpectationErrored, match=r"delivered\.refunds"):
        validate(orders, [replace(check_where("true"), table="refunds")])


@pytest.mark.parametrize(
    "change",
    [
        {"type": "expect_column_values_to_be_influential"},
        {"kwargs": {"unexpected_rows_query": "SELECT * FROM {batch}", "colum": "net"}},
    ],
)
def test_an_unknown_expectation_or_argument_is_an_error(orders, change):
    with pytest.raises(UnknownExpectation, match=r"orders\.nothing_odd"):
        validate(orders, [replace(check_where("true"), **change)])


def test_equal_expectations_of_two_checks_both_have_an_outcome(orders):
    again = replace(check_where("net < 0"), name="nothing_odd_again")
    assert [outcome.check for outcome in validate(orders, [again, check_where("net < 0")])] == [
        again,
        check_where("net < 0"),
    ]


def test_the_file_is_closed_even_after_an_error(orders):
    validate(orders, [check_where("net < 0")])
    with pytest.raises(ExpectationErrored):
        validate(orders, [check_where("influence > 3")])
    write = f"import duckdb; duckdb.connect({str(orders)!r}).execute('CREATE TABLE other (i int)')"
    subprocess.run([sys.executable, "-c", write], cwd=ROOT, check=True)
    with duckdb.connect(orders) as connection:
        connection.execute("INSERT INTO other VALUES (1)")


def test_a_reader_of_the_same_process_may_be_open(orders):
    with duckdb.connect(orders, read_only=True) as reader:
        validate(orders, [check_where("net < 0")])
        assert reader.execute("SELECT count(*) FROM raw.orders").fetchone() == (3,)
