"""Shuts the warehouse off while dbt builds: no file but raw and the seeds, no network, no extension to load.

What orchestration does for the run's other connections; dbt started by hand does not know that module.
"""

import os
from pathlib import Path

from dbt.adapters.duckdb.plugins import BasePlugin

PROJECT = Path(__file__).parents[1]
SAMPLE_RAW = "../sample/programme/warehouse/raw"


class Plugin(BasePlugin):
    def configure_connection(self, conn):
        warehouse = Path(self.creds.path).parent if self.creds else Path()
        # RAW_FOLDER is a pattern already; DuckDB looks at the pattern and at the files behind it.
        raw = os.environ.get("RAW_FOLDER", SAMPLE_RAW)
        places = [Path(unescape(raw)), warehouse, PROJECT / "seeds"]
        # The last is how dbt names it, as seen from the project.
        folders = [raw, *map(os.fspath, [*places, *(place.resolve() for place in places)]), "seeds"]
        conn.execute("set autoinstall_known_extensions = false")
        conn.execute("set autoload_known_extensions = false")
        quoted = ", ".join("'" + folder.replace("'", "''") + "'" for folder in folders)
        conn.execute(f"set allowed_directories = [{quoted}]")
        conn.execute("set enable_external_access = false")


def unescape(pattern: str) -> str:
    """The path that a pattern without wildcards names."""
    for character in "*?[":
        pattern = pattern.replace(f"[{character}]", character)
    return pattern
