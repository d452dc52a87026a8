"""What dbt's sources read, with nothing in it."""

import json
from pathlib import Path

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.repository import DBT_PROJECT

MANIFEST = json.loads((DBT_PROJECT / "target" / "manifest.json").read_text())


def write_sources(path: Path) -> ProgrammeFolder:
    """Every table of raw and plan, and the key of the pseudonyms; the files are not Parquet, and nobody opens them."""
    folder = ProgrammeFolder(path)
    folder.pseudonym_key_file.write_text("key")
    for source in MANIFEST["sources"].values():
        if source["source_name"] == "raw":
            (folder.raw / source["name"]).mkdir(parents=True)
            (folder.raw / source["name"] / "_empty.parquet").write_bytes(b"")
        else:
            (folder.raw / source["source_name"]).mkdir(parents=True, exist_ok=True)
            (folder.raw / source["source_name"] / f"{source['name']}.parquet").write_bytes(b"")
    return folder
