"""Programmes whose settings.yml asks for Spark."""

import json
from pathlib import Path

from tests.conftest import SAMPLE, copy_inputs

# On two cores, and with what cuts Spark's fixed cost for small tables: little compiling, few partitions.
FOR_SMALL_TABLES = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=512m",
    "spark.sql.codegen.wholeStage": False,
    "spark.sql.shuffle.partitions": 2,
}


def ask_for_spark(programme: Path, **config: object) -> Path:
    engine = {"spark": {"master": "local[2]", "config": {**FOR_SMALL_TABLES, **config}}}
    (programme / "settings.yml").write_text(f"engine: {json.dumps(engine)}\n")
    return programme


def copy_sample(target: Path) -> Path:
    return copy_inputs(SAMPLE, target)
