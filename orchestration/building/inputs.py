"""What everything in the warehouse is made from, as fingerprints: where one is as it was, so is the table.

A node's fingerprint is made of the project (SQL, Python, configuration, the versions of the tools, the key of the
pseudonyms) and of the sources that it descends from. A changed project therefore builds everything anew; a delivery,
or a change of the plan, what descends from its extract or table; a night on which nothing came, nothing.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from orchestration.building.project_files import list_files
from orchestration.connections import connect
from orchestration.environment import REPOSITORY
from orchestration.landing.sql import quote_path
from orchestration.programme.folder import ProgrammeFolder
from orchestration.warehouse import DBT_PROJECT

LEDGER = "deliveries"


def fingerprint_nodes(manifest: Mapping[str, Any], folder: ProgrammeFolder) -> dict[str, str]:
    """By unique id of each model, seed and data test; raw, plan and ledger must have been written."""
    project = fingerprint_project(folder)
    sources = fingerprint_sources(manifest, folder)
    built = [key for key, node in manifest["nodes"].items() if node["resource_type"] in ("model", "seed", "test")]

    def fingerprint(ancestors: frozenset[str]) -> str:
        relevant = leave_out_ledger(manifest, ancestors)
        return combine([project, *(sources[source] for source in sorted(relevant))])

    return {unique_id: fingerprint(ancestors) for unique_id, ancestors in find_sources(manifest, built).items()}


def find_sources(manifest: Mapping[str, Any], nodes: Iterable[str]) -> dict[str, frozenset[str]]:
    """The sources that each of the nodes descends from."""

    @cache
    def find(unique_id: str) -> frozenset[str]:
        if unique_id in manifest["sources"]:
            return frozenset([unique_id])
        parents = manifest["nodes"][unique_id]["depends_on"].get("nodes", ())
        return frozenset().union(*map(find, parents))

    return {unique_id: find(unique_id) for unique_id in nodes}


def leave_out_ledger(manifest: Mapping[str, Any], sources: frozenset[str]) -> frozenset[str]:
    """Models read in the ledger which deliveries of their extracts hold, and those rows are in the extracts' own
    fingerprints; only what descends from no extract depends on the ledger as a whole."""
    described = [manifest["sources"][source] for source in sources]
    if not any(source["source_name"] == "raw" for source in described):
        return sources
    return frozenset(source["unique_id"] for source in described if source["source_name"] != "ledger")


def fingerprint_sources(manifest: Mapping[str, Any], folder: ProgrammeFolder) -> dict[str, str]:
    deliveries = read_deliveries(folder)
    return {
        unique_id: fingerprint_files(folder.raw / source["name"], deliveries.get(source["name"], ""))
        if source["source_name"] == "raw"
        else combine([(folder.raw / source["source_name"] / f"{source['name']}.parquet").read_bytes()])
        for unique_id, source in manifest["sources"].items()
    }


def fingerprint_files(extract: Path, deliveries: str) -> str:
    """Files of raw are never changed, so their names and sizes say it all."""
    files = sorted((file.name, file.stat().st_size) for file in extract.glob("*.parquet"))
    return combine([deliveries, *map(str, files)])


def read_deliveries(folder: ProgrammeFolder) -> dict[str, str]:
    """The rows of the ledger by extract, as text."""
    file = quote_path(folder.raw / "ledger" / f"{LEDGER}.parquet")
    with connect(folder.raw) as connection:
        rows = connection.execute(
            "select extract, string_agg(to_json(ledger)::varchar, ' ' order by delivery_id)"
            f" from read_parquet({file}) as ledger group by extract"
        ).fetchall()
    return dict(rows)


def fingerprint_project(folder: ProgrammeFolder) -> str:
    key = os.environ.get("PSEUDONYM_KEY", "").encode() or folder.pseudonym_key_file.read_bytes()
    # With its place, because the folder of a model is a part of its configuration.
    files = [(file.relative_to(DBT_PROJECT).as_posix(), file.read_bytes()) for file in list_files(DBT_PROJECT)]
    # And with raw's, because the views on raw name it: a programme that was moved is built anew.
    raw = os.fspath(folder.raw)
    return combine([key, raw, (REPOSITORY / "uv.lock").read_bytes(), *(part for file in files for part in file)])


def combine(parts: Iterable[str | bytes]) -> str:
    """SHA-256 of the parts, each kept apart from the next."""
    digest = hashlib.sha256()
    for part in parts:
        text = part.encode() if isinstance(part, str) else part
        digest.update(f"{len(text)}:".encode())
        digest.update(text)
    return digest.hexdigest()
