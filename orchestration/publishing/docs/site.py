"""dbt's documentation as one page with manifest and catalog inside, like `dbt docs generate --static`.

Takes 0.2 s with the manifest and the warehouse of the build; dbt would parse and compile again, for 10 s. Metadata
about this machine, its environment and this run is removed.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

# Keys with paths of this machine, and keys about the run and its user.
OF_THIS_MACHINE = frozenset({"root_path", "build_path", "compiled_path"})
OF_THIS_RUN = frozenset({"env", "user_id", "invocation_id", "invocation_started_at", "run_started_at"})
# Template expressions in addresses, which a browser would request literally.
UNFILLED = {
    ' xlink:href="{{': ' ng-attr-xlink:href="{{',
    "\"${require('./assets/favicons/favicon.ico')}\"": '"data:,"',
}
STATISTICS = {"has_stats": {"id": "has_stats", "label": "Has Stats?", "value": False, "include": False}}


def make_site(manifest: Mapping[str, Any], warehouse: duckdb.DuckDBPyConnection) -> str:
    """The whole page, which needs no network. Raises ValueError if dbt's own page has changed."""
    from dbt.task.docs import DOCS_INDEX_FILE_PATH

    page = Path(DOCS_INDEX_FILE_PATH).read_text(encoding="utf-8")
    for unfilled, replacement in UNFILLED.items():
        page = page.replace(unfilled, replacement)
    shown = strip_manifest(manifest)
    for name, data in (("MANIFEST", shown), ("CATALOG", make_catalog(shown, warehouse))):
        place = f'"{name}.JSON INLINE DATA"'
        if page.count(place) != 1:
            raise ValueError(f"dbt's documentation page has no placeholder for its {name.lower()}")
        page = page.replace(place, write_script(data))
    return page


def strip_manifest(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest without metadata about machine, environment and run; the page then sends no statistics."""
    metadata = {name: value for name, value in manifest["metadata"].items() if name not in OF_THIS_RUN}
    # The only operation registers raw files by their paths.
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
    """Catalog entries of the nodes that are in the warehouse; `name` is the key of a node's name there."""
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
    """JSON that is safe within a script element, whatever its texts contain."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
