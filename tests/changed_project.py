"""`python -m tests.changed_project parse PROJECT TARGET`, or `compile`: dbt on a changed copy of the project, of which it
parses only what differs from what make has parsed."""

import os
import shutil
import sys

from dbt.cli.main import dbtRunner

from orchestration.warehouse.dbt_build import PARSED


def main(command: str, project: str, target: str) -> int:
    os.chdir(project)
    os.makedirs(target, exist_ok=True)
    shutil.copy(PARSED, target)
    arguments = ["--project-dir", project, "--profiles-dir", project, "--target-path", target]
    parsed = dbtRunner().invoke(["--quiet", "--no-use-colors", "parse", *arguments])
    if command == "parse" or not parsed.success:
        return 0 if parsed.success else 1
    # Only now: with another environment than make's, dbt parses everything.
    os.environ |= {"WAREHOUSE_FILE": ":memory:", "PSEUDONYM_KEY": "not used"}
    # The proof reads models only.
    models = ["--exclude", "resource_type:test", "resource_type:unit_test"]
    compiled = dbtRunner(manifest=parsed.result).invoke(["--quiet", "--no-use-colors", "compile", *models, *arguments])
    return 0 if compiled.success else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
