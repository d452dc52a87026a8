"""published/docs: every published column is described, nothing of the machine or the programme is shown, text is text."""

import html
import json
from pathlib import Path

import duckdb
import pytest

from expectations.suites import load_suites
from orchestration.publishing.docs.dictionary import describe_test, make_dictionary
from orchestration.publishing.docs.site import make_site
from tests.conftest import REPOSITORY, Run

MOST_BYTES = 8_000_000


@pytest.fixture(scope="module")
def pages(sample_run: Run) -> dict[str, str]:
    folder = sample_run.programme / "published" / "docs"
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}


def test_both_pages_are_published_and_the_screen_says_where(pages: dict[str, str], sample_run: Run):
    assert sorted(pages) == ["dictionary.html", "index.html"]
    assert json.loads((sample_run.programme / "published" / "latest.json").read_text())["docs"] == "docs/index.html"
    assert str(sample_run.programme / "published" / "docs" / "dictionary.html") in sample_run.screen
    assert sum(len(page.encode()) for page in pages.values()) < MOST_BYTES


def test_no_secret_of_the_machine_or_the_programme_is_shown(pages: dict[str, str], sample_run: Run):
    customers = sample_run.query("select distinct customer_id from results.orders where customer_id is not null")
    owners = sample_run.query("select distinct owner from goals.steps where owner is not null")
    key = (sample_run.programme / ".pseudonym_key").read_text()
    # The plan's word for a campaign is in no description; neither is the name of its folder.
    secrets = [
        str(REPOSITORY),
        sample_run.programme.name,
        str(sample_run.programme.parent),
        str(Path.home()),
        key,
        "spring-revenue",
    ]
    for page in pages.values():
        assert not [secret for secret in secrets if secret in page]
        assert not [value for (value,) in [*customers, *owners] if value in page]


def test_every_published_column_is_in_the_dictionary_with_its_comment(pages: dict[str, str], sample_run: Run):
    columns = sample_run.query("select column_name, comment, data_type from duckdb_columns() where not internal")
    assert len(columns) > 200
    page = html.unescape(pages["dictionary.html"])
    for column, comment, _ in columns:
        assert f"<code>{column}</code>" in page
        assert comment in page
    for (table,) in sample_run.query("select schema_name || '.' || table_name from duckdb_tables()"):
        assert f'<article id="{table}">' in page


def test_every_expectation_on_a_mart_is_in_the_dictionary(pages: dict[str, str]):
    page = html.unescape(pages["dictionary.html"])
    suites = load_suites(REPOSITORY / "expectations" / "marts").values()
    reasons = [expectation.notes for suite in suites for expectation in suite]
    assert not [reason for reason in reasons if reason not in page]


def test_a_test_is_described_with_its_arguments():
    arguments = {"column_name": "status", "model": "{{ get_where_subquery(ref('x')) }}", "values": ["met", "missed"]}
    assert describe_test({"name": "accepted_values", "kwargs": arguments}) == "accepted values: met, missed"


@pytest.fixture
def manifest() -> dict:
    """One mart whose descriptions are not to be trusted, parsed on a machine that has secrets."""
    node = {
        "unique_id": "model.p.goals__steps",
        "resource_type": "model",
        "schema": "goals",
        "alias": "steps",
        "database": "w",
        "description": "</script><script>alert(1)</script> One row per step.",
        "columns": {"a": {"name": "a", "data_type": "date", "description": "<b>A</b>", "constraints": []}},
        "build_path": "/home/jo/run/steps.sql",
        "compiled_path": "/home/jo/compiled/steps.sql",
    }
    operation = {"resource_type": "operation", "compiled_code": "read_parquet('/home/jo/raw/x.parquet')"}
    return {
        "metadata": {
            "env": {"TOKEN": "s3cret"},
            "user_id": "u-17",
            "send_anonymous_usage_stats": True,
            "dbt_version": "1",
        },
        "nodes": {node["unique_id"]: node, "operation.p.0": operation},
        "sources": {},
        "unit_tests": {},
        "groups": {name: {"name": name, "description": ""} for name in ("reach", "results", "goals", "relationships")},
    }


def test_dbts_page_holds_no_secret_and_no_path_and_sends_no_usage_data(manifest: dict):
    with duckdb.connect() as warehouse:
        warehouse.execute("create schema goals; create table goals.steps (a date)")
        page = make_site(manifest, warehouse)
    assert not [secret for secret in ("s3cret", "u-17", "/home/jo") if secret in page]
    assert '"send_anonymous_usage_stats":false' in page
    assert '"type":"DATE"' in page


def test_markup_in_descriptions_is_shown_as_text(manifest: dict):
    with duckdb.connect() as warehouse:
        assert "<script>alert(1)" not in make_site(manifest, warehouse)
    page = make_dictionary(manifest, {}, [])
    assert "<script>" not in page and "<b>A" not in page
    assert "&lt;b&gt;A&lt;/b&gt;" in page and "One row per step." in page
