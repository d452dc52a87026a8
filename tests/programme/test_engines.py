"""`engine:` of settings.yml."""

from pathlib import Path

import pytest

from orchestration.programme.connections import VariableMissing
from orchestration.programme.documents import read_document
from orchestration.programme.packages import list_groups
from orchestration.programme.settings import Settings, check_settings


def read(tmp_path: Path, engine: str) -> tuple[Settings, list[str]]:
    file = tmp_path / "settings.yml"
    file.write_text(f"engine: {engine}\n")
    settings, problems = check_settings(read_document(file))
    return settings, [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("written", "shown", "groups"),
    [
        ("duckdb", "duckdb", []),
        ("spark", "spark on local[*]", ["spark"]),
        ("{spark: {master: 'local[2]'}}", "spark on local[2]", ["spark"]),
        ("{spark: {master: 'spark://host:7077', storage: /mnt/shared}}", "spark on spark://host:7077", ["spark"]),
        ("{spark: {remote: 'sc://host:15002/;token=${TOKEN}'}}", "spark on sc://host:15002/", ["spark"]),
    ],
)
def test_an_engine_is_read_and_named_without_its_secrets(tmp_path: Path, written: str, shown: str, groups: list[str]):
    settings, problems = read(tmp_path, written)
    assert problems == []
    assert str(settings.engine) == shown
    assert list_groups(settings) == groups


def test_without_settings_it_is_duckdb():
    assert str(check_settings(None)[0].engine) == "duckdb"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("sparc", "engine is 'sparc'"),
        ("[spark]", "engine cannot be read"),
        ("{spark: {host: x}}", "host"),
        ("{spark: {master: 'localhost:7077'}}", "master is 'localhost:7077'"),
        ("{spark: {master: 'spark://host:7077'}}", "has no storage"),
        ("{spark: {remote: 'http://host'}}", "remote is no URL of Spark Connect"),
        ("{spark: {remote: 'sc://host:1/;token=abc'}}", "remote has a secret in it"),
        ("{spark: {remote: 'sc://host:1;token=${T}'}}", "remote has parameters that Spark does not find"),
        ("{spark: {remote: 'sc://host:1', master: 'local[2]'}}", "both master and remote"),
        ("{spark: {remote: 'sc://host:1', config: {spark.hadoop.a.token: '${T}'}}}", "writes what a session sets into"),
        ("{spark: {config: {executor.memory: 8g}}}", "no setting of Spark"),
        ("{spark: {config: {spark.hadoop.fs.s3a.secret.key: abc}}}", "spark.hadoop.fs.s3a.secret.key is a secret"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_to_do(tmp_path: Path, written: str, message: str):
    _, [problem] = read(tmp_path, written)
    assert message in problem
    assert "settings.yml" in problem and "abc" not in problem


def test_variables_are_filled_in_or_named():
    engine = Settings.model_validate(
        {"engine": {"spark": {"config": {"spark.hadoop.fs.s3a.secret.key": "${KEY}", "spark.cores.max": 4}}}}
    ).engine
    assert engine.spark.fill({"KEY": "abc"}).config == {"spark.hadoop.fs.s3a.secret.key": "abc", "spark.cores.max": 4}
    with pytest.raises(VariableMissing, match="the engine needs KEY"):
        engine.spark.fill({})


@pytest.mark.parametrize(
    ("engine", "url", "problem"),
    [
        ("{spark: {storage: /mnt/shared}}", "s3://bucket", None),
        ("duckdb", "s3://bucket", "lake gets the Parquet files of the engine, and the engine is no Spark"),
        ("spark", "s3://bucket", "with a `storage`"),
        ("{spark: {storage: /mnt/shared}}", "postgresql://db/shop", "lake is a database, which gets no files"),
    ],
)
def test_only_an_object_store_gets_the_files_of_spark(tmp_path: Path, engine: str, url: str, problem: str | None):
    rest = f"connections: {{lake: '{url}'}}\npublish: [{{to: lake, parquet: engine}}]"
    _, problems = read(tmp_path, f"{engine}\n{rest}")
    assert ([problem in found for found in problems] == [True]) if problem else problems == []
