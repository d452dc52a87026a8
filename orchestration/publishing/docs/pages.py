"""Makes both pages of published/docs/ from the manifest and the warehouse of the build."""

import json
from collections.abc import Mapping

import duckdb

from expectations.suites import load_suites
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.repository import REPOSITORY
from orchestration.publishing.docs.dictionary import make_dictionary
from orchestration.publishing.docs.site import make_site
from orchestration.runtime.connections import fetch_dicts
from orchestration.warehouse.database import read_warehouse

CHECKS = REPOSITORY / "expectations" / "marts"


def make_pages(folder: ProgrammeFolder) -> Mapping[str, str]:
    """HTML by file name. The same project gives the same pages, except for the time at which dbt parsed it.

    Raises OSError if there is no manifest, duckdb.Error if the warehouse lacks goals.kpis.
    """
    manifest = json.loads((folder.warehouse / "dbt" / "manifest.json").read_text(encoding="utf-8"))
    with read_warehouse(folder) as warehouse:
        return {
            "index.html": make_site(manifest, warehouse),
            "dictionary.html": make_dictionary(manifest, load_suites(CHECKS), read_kpis(warehouse)),
        }


def read_kpis(warehouse: duckdb.DuckDBPyConnection) -> list[dict[str, str | bool]]:
    query = "select kpi, family, unit, definition, can_be_goal from goals.kpis order by not can_be_goal, family, kpi"
    return fetch_dicts(warehouse.execute(query))
