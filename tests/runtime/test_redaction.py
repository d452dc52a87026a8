"""Messages of an engine are shown without the values that they quote."""

import duckdb
import pytest

from orchestration.runtime.redaction import redact_people, redact_values
from orchestration.warehouse.dbt_build import describe_errors

ADDRESS = "jo.doe@mail.example"
NAME = "O''Brien, Josephine"
FAILING = {
    "cast": f"select cast('{NAME}' as integer)",
    "date": f"select cast('{NAME}' as date)",
    "key": f"create table t (id varchar primary key); insert into t values ('{NAME}'), ('{NAME}')",
    "format": f"select strptime('{NAME}', '%Y')",
    "overflow": "select cast(32470123456 as integer)",
    "column": f"create table u (v integer); insert into u values ('{NAME}')",
}


@pytest.mark.parametrize("statement", FAILING.values(), ids=FAILING)
def test_errors_of_the_engine_lose_the_values_that_they_quote(statement: str):
    with duckdb.connect() as connection, pytest.raises(duckdb.Error) as raised:
        connection.execute(statement)
    message = str(raised.value)
    assert "Brien" in message or "32470123456" in message, "the engine quotes the value"
    shown = redact_values(f"Runtime Error in model orders (models/orders.sql)\n  {message}")
    assert "Brien" not in shown and "32470123456" not in shown
    assert shown.startswith("Runtime Error in model orders (models/orders.sql)\n  ")


def test_errors_in_the_sql_are_shown_in_full():
    with duckdb.connect() as connection, pytest.raises(duckdb.Error) as raised:
        connection.execute("create table t (net integer); select nett from t")
    assert redact_values(str(raised.value)) == str(raised.value)


def test_addresses_and_pseudonyms_are_hidden():
    pseudonym = "35d2b74bbfeb84e548bca71469045bcc"
    text = f"customer {pseudonym} ({ADDRESS}) ordered 2 of shop eu"
    assert redact_people(text) == "customer (pseudonym) ((address)) ordered 2 of shop eu"
    assert describe_errors([]) == ""
