"""Which marts are published: the models of dbt's manifest in the published schemas, with their comments."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# The family of metrics of each published schema.
FAMILY_OF_SCHEMA = {"reach": "reach", "results": "result", "goals": "result", "relationships": "relationship"}
SCHEMAS = tuple(FAMILY_OF_SCHEMA)


@dataclass(frozen=True)
class Mart:
    """One published table; `columns` maps each column to its comment, `unique_id` is dbt's."""

    unique_id: str
    schema: str
    name: str
    description: str
    columns: Mapping[str, str]

    @property
    def table(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def parquet(self) -> Path:
        """Its file within a version's folder."""
        return Path(self.schema, f"{self.name}.parquet")


def read_marts(manifest: Path) -> list[Mart]:
    """Every model of a published schema, sorted by schema and name."""
    nodes = json.loads(manifest.read_text())["nodes"].values()
    return sorted(
        (
            Mart(
                node["unique_id"],
                node["schema"],
                node["alias"],
                node["description"].strip(),
                {name: column["description"].strip() for name, column in node["columns"].items()},
            )
            for node in nodes
            if node["resource_type"] == "model" and node["schema"] in SCHEMAS
        ),
        key=lambda mart: mart.table,
    )
