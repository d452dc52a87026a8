import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest

from expectations.suites import Promise
from expectations.validation import ExpectationErrored, Outcome, UnknownExpectation, validate
from tests.expectations.tables import HERE, ROOT, SUITES, create_table, read_columns, read_yaml

pytestmark = pytest.mark.filterwarnings("ignore:`schema_name` is deprecated:DeprecationWarning")

PROMISES = [promise for promises in SUITES.values() for promise in promises]
BAD_ROWS = read_yaml(HERE / "bad_rows.yml")
HEALTHY_ROWS = read_yaml(HERE / "healthy_rows.yml")


def id_of(promise: Promise) -> str:
    return f"{promise.table}.{promise.name}"


def in_schema(promise: Promise, schema: str) -> Promise:
    return replace(promise, table=f"{schema}.{promise.table.replace('.', '_')}")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> Iterator[dict[tuple[str, str], Outcome]]:
    """Outcomes by schema and promise: in `healthy`, in `empty`, and of each promise in a `bad` schema of its own."""
    database = tmp_path_factory.mktemp("validation") / "promises.duckdb"
    cases: list[tuple[str, Promise]] = []
    with duckdb.connect(database) as connection:
        for table, columns in read_columns().items():
            if table not in SUITES:
                continue
            name = table.replace(".", "_")
            create_table(connection, f"healthy.{name}", columns, HEALTHY_ROWS[table])
            create_table(connection, f"empty.{name}", columns, [])
            cases += [(schema, promise) for schema in ("healthy", "empty") for promise in SUITES[table]]
            for number, promise in enumerate(SUITES[table]):
                rows = [HEALTHY_ROWS[table][0] | row for row in BAD_ROWS[table][promise.name]]
                create_table(connection, f"bad_{number}.{name}", columns, rows)
                cases.append((f"bad_{number}", promise))
    found = validate(database, [in_schema(promise, schema) for schema, promise in cases])
    yield {(schema[:3], id_of(promise)): outcome for (schema, promise), outcome in zip(cases, found, strict=True)}


@pytest.fixture
def orders(tmp_path):
    """A file with the healthy orders as tonight's delivery, behind a view as in the warehouse."""
    database = tmp_path / "with spaces & $HOME.duckdb"
    with duckdb.connect(database) as connection:
        create_table(connection, "raw.orders", read_columns()["orders"], HEALTHY_ROWS["orders"])
        connection.execute("CREATE SCHEMA delivered; CREATE VIEW delivered.orders AS FROM raw.orders")
    return database


def promise_where(condition: str) -> Promise:
    return Promise("orders", "nothing_odd", "Odd is odd.", "critical", "expect_no_rows_where", {"condition": condition})


@pytest.mark.parametrize("promise", PROMISES, ids=id_of)
def test_bad_rows_break_the_promise(promise, outcomes):
    outcome = outcomes["bad", id_of(promise)]
    assert not outcome.success
    if outcome.unexpected_count is not None:
        assert outcome.unexpected_count == len(BAD_ROWS[promise.table][promise.name]) == len(outcome.failing_rows)
    json.dumps(outcome.failing_rows, allow_nan=False)


@pytest.mark.parametrize("promise", PROMISES, ids=id_of)
def test_healthy_rows_keep_the_promise(promise, outcomes):
    outcome = outcomes["hea", id_of(promise)]
    assert outcome.success, outcome.failing_rows
    assert outcome.rows_checked == len(HEALTHY_ROWS[promise.table])


@pytest.mark.parametrize("promise", [promise for promise in PROMISES if promise.severity == "critical"], ids=id_of)
def test_an_empty_table_breaks_no_critical_promise(promise, outcomes):
    assert outcomes["emp", id_of(promise)].success


def test_every_bad_row_belongs_to_a_promise():
    assert {(table, name) for table, names in BAD_ROWS.items() for name in names} == {
        (promise.table, promise.name) for promise in PROMISES
    }


def test_failing_rows_are_shown_without_personal_data(outcomes):
    (row,) = outcomes["bad", "referrals.nobody_invites_themselves"].failing_rows
    assert row["referral_id"] == "i1"
    assert row["referrer_id"] == row["referred_customer_id"] == "(personal)"
    assert row["invited_at"] == "2026-03-01T10:00:00"


def test_an_outcome_says_how_many_rows_break_the_promise(outcomes):
    assert outcomes["bad", "refunds.amounts_are_positive"].observed == "1 of 1 rows"
    assert outcomes["bad", "orders.delivery_is_not_empty"].observed == "0"


def test_at_most_five_failing_rows_are_shown(orders):
    with duckdb.connect(orders) as connection:
        connection.execute("INSERT INTO raw.orders SELECT o.* FROM raw.orders AS o, range(9)")
    between = Promise(
        "orders",
        "net_is_huge",
        "Big.",
        "warning",
        "expect_column_values_to_be_between",
        {"column": "net", "min_value": 1e6},
    )
    for outcome in validate(orders, [promise_where("net >= 0"), between]):
        assert (outcome.unexpected_count, len(outcome.failing_rows)) == (30, 5)


def test_an_errored_expectation_is_neither_kept_nor_broken(orders):
    with pytest.raises(ExpectationErrored, match=r"orders\.nothing_odd: .*influence"):
        validate(orders, [promise_where("influence > 3")])


def test_a_missing_table_is_an_error(orders):
    with pytest.raises(ExpectationErrored, match=r"delivered\.refunds"):
        validate(orders, [replace(promise_where("true"), table="refunds")])


@pytest.mark.parametrize(
    "change",
    [{"expectation": "expect_column_values_to_be_influential"}, {"kwargs": {"condition": "true", "colum": "net"}}],
)
def test_an_unknown_expectation_or_argument_is_an_error(orders, change):
    with pytest.raises(UnknownExpectation, match=r"orders\.nothing_odd"):
        validate(orders, [replace(promise_where("true"), **change)])


def test_equal_expectations_of_two_promises_both_have_an_outcome(orders):
    again = replace(promise_where("net < 0"), name="nothing_odd_again")
    assert [outcome.promise for outcome in validate(orders, [again, promise_where("net < 0")])] == [
        again,
        promise_where("net < 0"),
    ]


def test_the_file_is_let_go_of_even_after_an_error(orders):
    validate(orders, [promise_where("net < 0")])
    with pytest.raises(ExpectationErrored):
        validate(orders, [promise_where("influence > 3")])
    write = f"import duckdb; duckdb.connect({str(orders)!r}).execute('CREATE TABLE other (i int)')"
    subprocess.run([sys.executable, "-c", write], cwd=ROOT, check=True)
    with duckdb.connect(orders) as connection:
        connection.execute("INSERT INTO other VALUES (1)")


def test_a_reader_of_the_same_process_may_be_open(orders):
    with duckdb.connect(orders, read_only=True) as reader:
        validate(orders, [promise_where("net < 0")])
        assert reader.execute("SELECT count(*) FROM raw.orders").fetchone() == (3,)
