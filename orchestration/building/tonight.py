"""Which extracts the coming build reads: only their files are worth a look tonight."""

from collections.abc import Mapping
from typing import Any

from orchestration.building.inputs import find_sources, fingerprint_nodes
from orchestration.building.standing import read_standing
from orchestration.programme.folder import ProgrammeFolder


def find_extracts(manifest: Mapping[str, Any], folder: ProgrammeFolder) -> set[str]:
    """Names of the extracts that a model or test reads that does not stand as it would be built now."""
    standing = read_standing(folder)
    stale = [node for node, inputs in fingerprint_nodes(manifest, folder).items() if standing.get(node) != inputs]
    sources = [manifest["sources"][source] for source in frozenset().union(*find_sources(manifest, stale).values())]
    return {source["name"] for source in sources if source["source_name"] == "raw"}
