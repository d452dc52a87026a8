"""What was published last, as a run reads it again."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.programme import ProgrammeFolder
from orchestration.programme.published import open_published, read_latest


@pytest.mark.parametrize("content", ["", "{", "[]", json.dumps({"versions": ["a"]})[:-3]])
def test_a_damaged_latest_json_counts_as_none(tmp_path: Path, content: str):
    folder = ProgrammeFolder(tmp_path)
    folder.published.mkdir()
    assert read_latest(folder) == {}
    (folder.published / "latest.json").write_text(content)
    assert read_latest(folder) == {}


def test_marts_that_a_reader_has_opened_for_writing_are_read_from_a_copy(tmp_path: Path):
    marts = tmp_path / "marts.duckdb"
    with duckdb.connect(marts) as connection:
        connection.execute("create table t as select 7 as x")
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code, marts], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        reader.stdout.readline()
        with pytest.raises(duckdb.IOException, match="lock"):
            duckdb.connect(marts, read_only=True)
        with open_published(marts) as connection:
            assert connection.execute("from t").fetchall() == [(7,)]
        reader.stdin.close()
