"""Tables that need not be built anew when a delivery comes: its rows are added to what stands.

A model says that it can be added to by `meta: {grows_by: deliveries}`; its SQL then reads tonight's deliveries by the
macro is_newly_delivered(). That gives what a rebuild gives only if nothing else changed: not the project, not the plan,
no delivery that was read before, no snapshot, and nothing that a staging model reads across deliveries (which it says
by `meta: {reads_across: true}`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestration.building.inputs import (
    combine,
    find_sources,
    fingerprint_project,
    fingerprint_sources,
    leave_out_ledger,
)
from orchestration.connections import connect
from orchestration.landing.sql import quote_path
from orchestration.programme.folder import ProgrammeFolder

# What dbt's models read: ids of new deliveries by unique id of the model; who is not in it is built anew.
VARIABLE = "new_deliveries"


@dataclass(frozen=True)
class Inputs:
    """What a table that grows is made from: fingerprints of the deliveries that it grows by, by id, and of the rest."""

    rest: str
    deliveries: Mapping[str, str] = field(default_factory=dict)

    def find_new(self, before: "Inputs | None") -> list[str] | None:
        """Ids of the deliveries to add to what was made from `before`; None if it has to be built anew."""
        if before is None or before.rest != self.rest:
            return None
        if not before.deliveries.items() <= self.deliveries.items():
            return None
        return sorted(self.deliveries.keys() - before.deliveries.keys())


def read_inputs(manifest: Mapping[str, Any], folder: ProgrammeFolder) -> dict[str, Inputs]:
    """Of each model that grows by deliveries, by its unique id; raw, plan and ledger must have been written."""
    growing = [key for key, node in manifest["nodes"].items() if read_meta(node).get("grows_by") == "deliveries"]
    project, fingerprints = fingerprint_project(folder), fingerprint_sources(manifest, folder)
    deliveries = read_appended(folder)
    inputs = {}
    for node, sources in find_sources(manifest, growing).items():
        grows_by = {
            source
            for source in sources - find_read_across(manifest, node)
            if manifest["sources"][source]["source_name"] == "raw" and manifest["sources"][source]["name"] in deliveries
        }
        rest = sorted(leave_out_ledger(manifest, sources) - grows_by)
        inputs[node] = Inputs(
            combine([project, *(part for source in rest for part in (source, fingerprints[source]))]),
            {
                key: known
                for source in grows_by
                for key, known in deliveries[manifest["sources"][source]["name"]].items()
            },
        )
    return inputs


def find_read_across(manifest: Mapping[str, Any], node: str) -> frozenset[str]:
    """Sources of the node of which a model on the way reads all deliveries to say something of one."""
    across = [
        model for model in find_ancestors(manifest, node) if read_meta(manifest["nodes"][model]).get("reads_across")
    ]
    return frozenset().union(*find_sources(manifest, across).values())


def find_ancestors(manifest: Mapping[str, Any], node: str) -> set[str]:
    found: set[str] = set()
    waiting = [node]
    while waiting:
        parents = manifest["nodes"][waiting.pop()]["depends_on"].get("nodes", ())
        new = {parent for parent in parents if parent in manifest["nodes"]} - found
        found |= new
        waiting += new
    return found


def read_meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return node.get("config", {}).get("meta", {})


def read_appended(folder: ProgrammeFolder) -> dict[str, dict[str, str]]:
    """Fingerprints of the deliveries' rows and order, by table of raw and id; of tables that nothing but adds to."""
    with connect(folder.raw) as connection:
        rows = connection.execute(
            "select extract, delivery_id, delivery_order || ' ' || parquet_sha256 as fingerprint"
            f" from read_parquet({quote_path(folder.raw / 'ledger' / 'deliveries.parquet')})"
            " qualify bool_and(delivery_kind = 'append') over (partition by extract)"
        ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for extract, delivery, fingerprint in rows:
        found.setdefault(extract, {})[delivery] = fingerprint
    return found


def find_growth(
    now: Mapping[str, Inputs], before: Mapping[str, Inputs], stale: Collection[str]
) -> dict[str, list[str]]:
    """Ids of the deliveries to add, by unique id of the stale models to which they can be added."""
    found = {node: now[node].find_new(before.get(node)) for node in stale if node in now}
    return {node: new for node, new in found.items() if new is not None}
