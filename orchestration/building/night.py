"""A night's build: what is not as it would be built now is built, or added to, and remembered with its inputs."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from orchestration.building.build import NodeResult, build_nodes
from orchestration.building.growth import find_growth, read_inputs
from orchestration.building.inputs import find_sources, fingerprint_nodes
from orchestration.building.standing import forget_standing, read_grown, read_standing, remember_standing
from orchestration.programme.folder import ProgrammeFolder
from orchestration.progress import log
from orchestration.warehouse import drop_warehouse, warehouse_file

PASSED = ("success", "pass")


@dataclass(frozen=True)
class Built:
    """`results` of what was built, and the ids of what stands as it was."""

    results: list[NodeResult]
    unchanged: list[str]


def build_night(
    folder: ProgrammeFolder, manifest: Mapping[str, Any], asked: Collection[str], *, takes_up: bool = True
) -> Built:
    """Build the models, seeds and tests with these unique ids; raw, plan and ledger must have been written.

    What stands from the last build stays, if the night `takes_up` from there; else all of it is built anew, and nothing
    remembered. Raises BuildFailed if dbt cannot begin; a model that fails is told in its result.
    """
    inputs = fingerprint_nodes(manifest, folder)
    grows = read_inputs(manifest, folder)
    standing, grown = (read_standing(folder), read_grown(folder)) if takes_up else ({}, {})
    stale = find_stale(asked, inputs, standing)
    if takes_up and len(stale) == len(asked) and warehouse_file(folder).exists():
        # Another version of the project may have left tables that are no more, or a table where a view is to be.
        log.info("nothing in the warehouse is as this version of the project builds it: it begins anew, from raw")
        drop_warehouse(folder)
    forget_standing(folder, stale)
    names = None if len(stale) == len(inputs) else [manifest["nodes"][node]["name"] for node in stale]
    results = build_nodes(names, folder.warehouse / "dbt", find_growth(grows, grown, stale))
    if takes_up:
        built = [result.unique_id for result in results if result.status in PASSED]
        remember_standing(
            folder, {node: inputs[node] for node in built}, {node: grows[node] for node in built if node in grows}
        )
    waiting = set(stale)
    return Built(results, [node for node in asked if node not in waiting])


def find_extracts(folder: ProgrammeFolder, manifest: Mapping[str, Any]) -> set[str]:
    """Names of the extracts that the build will read: those of all that does not stand as it would be built now."""
    inputs = fingerprint_nodes(manifest, folder)
    stale = find_stale(inputs, inputs, read_standing(folder))
    sources = [manifest["sources"][source] for source in frozenset().union(*find_sources(manifest, stale).values())]
    return {source["name"] for source in sources if source["source_name"] == "raw"}


def find_stale(nodes: Iterable[str], inputs: Mapping[str, str], standing: Mapping[str, str]) -> list[str]:
    return [node for node in nodes if standing.get(node) != inputs[node]]
