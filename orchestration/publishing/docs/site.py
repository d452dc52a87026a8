"""dbt's documentation as one page, as `dbt docs generate --static` makes it: its page with manifest and catalog in it.

Made from the manifest and warehouse of the build in a fifth of a second; dbt would parse and compile again, which takes
ten. What the manifest knows of this machine, its environment and this run is left out.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

# Where dbt wrote what on this machine, and who ran it.
OF_THIS_MACHINE = frozenset({"root_path", "build_path", "compiled_path"})
OF_THIS_RUN = frozenset({"env", "user_id", "invocation_id", "invocation_started_at", "run_started_at"})
# Else the browser asks for these addresses as they are written here, before they are filled in.
UNFILLED = {
    ' xlink:href="{{': ' ng-attr-xlink:href="{{',
    "\"${require('./assets/favicons/favicon.ico')}\"": '"data:,"',
}
STATISTICS = {"has_stats": {"id": "has_stats", "label": "Has Stats?", "value": False, "include": False}}


def make_site(manifest: Mapping[str, Any], warehouse: duckdb.DuckDBPyConnection) -> str:
    """The whole page; it needs no network. Raises ValueError if dbt's own page is no longer what it was."""
    from dbt.task.docs import DOCS_INDEX_FILE_PATH

    page = Path(DOCS_INDEX_FILE_PATH).read_text(encoding="utf-8")
    for unfilled, instead in UNFILLED.items():
        page = page.replace(unfilled, instead)
    shown = strip_manifest(manifest)
    for name, data in (("MANIFEST", shown), ("CATALOG", make_catalog(shown, warehouse))):
        place = f'"{name}.JSON INLINE DATA"'
        if page.count(place) != 1:
            raise ValueError(f"dbt's documentation page has no place for its {name.lower()}")
        page = page.replace(place, write_script(data))
    return page


def strip_manifest(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest without machine, environment and run; the page asks nobody for anything then."""
    metadata = {name: value for name, value in manifest["metadata"].items() if name not in OF_THIS_RUN}
    # The one operation registers the programme's files, by their paths.
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] != "operation"}
    return {
        **manifest,
        "nodes": strip_nodes(nodes),
        "unit_tests": strip_nodes(manifest["unit_tests"]),
        "metadata": {**metadata, "send_anonymous_usage_stats": False},
    }


def strip_nodes(nodes: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        key: {name: value for name, value in node.items() if name not in OF_THIS_MACHINE} for key, node in nodes.items()
    }


def make_catalog(manifest: Mapping[str, Any], warehouse: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Every table and view of the warehouse with its columns and types, as dbt's catalog.json has them."""
    found = warehouse.execute(
        """
        select schema_name, table_name, column_name, column_index, data_type, table_name in (
            select view_name from duckdb_views() as views where views.schema_name = columns.schema_name
        )
        from duckdb_columns() as columns
        where not internal
        order by all
        """
    ).fetchall()
    tables: dict[tuple[str, str], dict[str, Any]] = {}
    for schema, table, column, index, data_type, is_view in found:
        entry = tables.setdefault((schema, table), {"type": "VIEW" if is_view else "BASE TABLE", "columns": {}})
        entry["columns"][column] = {"type": data_type, "index": index, "name": column, "comment": None}
    return {
        "metadata": manifest["metadata"],
        "nodes": describe(manifest["nodes"], "alias", tables),
        "sources": describe(manifest["sources"], "identifier", tables),
        "errors": None,
    }


def describe(
    nodes: Mapping[str, Mapping[str, Any]], name: str, tables: Mapping[tuple[str, str], Mapping[str, Any]]
) -> dict[str, Any]:
    """What the catalog says of those nodes that are in the warehouse; `name` is the key of a node's name there."""
    return {
        key: {
            "metadata": {
                "type": table["type"],
                "schema": node["schema"],
                "name": node[name],
                "database": node["database"],
                "comment": None,
                "owner": None,
            },
            "columns": table["columns"],
            "stats": STATISTICS,
            "unique_id": key,
        }
        for key, node in nodes.items()
        if node["resource_type"] != "test" and (table := tables.get((node["schema"], node[name])))
    }


def write_script(data: Mapping[str, Any]) -> str:
    """JSON that may stand in a script of a page, whatever its texts say."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
