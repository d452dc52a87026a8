"""What is kept of targets between runs, without a server."""

import json
from pathlib import Path

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.settings import Settings
from orchestration.publishing.targets.targets import OUTCOMES, list_problems, publish_to_targets, read_outcomes


def test_a_target_that_settings_no_longer_name_is_no_problem(tmp_path: Path):
    folder = ProgrammeFolder(tmp_path)
    (folder.versions / "v1").mkdir(parents=True)
    (folder.versions / "v1" / "marts.duckdb").touch()
    (folder.published / "latest.json").write_text(json.dumps({"version": "v1", "versions": ["v1"]}))
    folder.warehouse.mkdir()
    failed = {"target": "bi_db", "version": None, "tried_at": "2026-03-01T03:00:00+00:00", "problem": "it is down"}
    (folder.warehouse / OUTCOMES).write_text(json.dumps([failed]))
    assert len(list(list_problems(read_outcomes(folder)))) == 1

    assert publish_to_targets(folder, Settings()) == []
    assert read_outcomes(folder) == []
