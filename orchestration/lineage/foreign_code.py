"""Code of the dbt project that is no model and could still bring a number into one, past everything that is proved."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

# Of our own ways to add to a table, only those are known that leave to dbt what is added: the model's SQL.
FILLS_TABLES = re.compile(r"(\w+__)?get_incremental_\w+_sql|materialization_")
BRINGS_ROWS = re.compile(r"\b(insert|update|merge|create|replace|copy|load|into)\b", re.IGNORECASE)
ASKS_THE_DATABASE = {"macro.dbt.run_query", "macro.dbt.statement"}


def find_foreign_code(manifest: Mapping[str, Any]) -> Iterator[str]:
    """A reason for each piece of such code, with its file."""
    for node in manifest["nodes"].values():
        file = node["original_file_path"]
        if node["resource_type"] == "operation" and "on-run-end" in node["tags"]:
            yield f"dbt_project.yml: on-run-end runs {node['raw_code']!r} after the models, which is not examined"
        elif node["resource_type"] in ("model", "snapshot", "seed"):
            for hook in (hook for when in ("pre-hook", "post-hook") for hook in node["config"].get(when, ())):
                yield f"{file}: the hook {hook['sql']!r} is not examined"
            if asks_the_database(node, manifest["macros"], set()):
                yield f"{file} asks the database while it is compiled: the answer is in its SQL as a constant"
    for macro in find_own_materialising(manifest["macros"]):
        yield f"{macro['original_file_path']}: {macro['name']} brings rows into tables, which is not examined"
    for function in manifest.get("functions", {}).values():
        yield f"{function['original_file_path']}: a function of the database is not examined"


def find_own_materialising(macros: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Macros of the project that replace dbt's own, or that dbt calls to fill a table, and do more than delete."""
    named = {macro["name"] for name, macro in macros.items() if name.startswith("macro.dbt")}
    own = [macro for name, macro in macros.items() if not name.startswith("macro.dbt")]
    for macro in own:
        fills = macro["name"] in named or FILLS_TABLES.match(macro["name"])
        if fills and BRINGS_ROWS.search(re.sub(r"\{#.*?#\}", "", macro["macro_sql"], flags=re.DOTALL)):
            yield macro


def asks_the_database(node: Mapping[str, Any], macros: Mapping[str, Any], seen: set[str]) -> bool:
    """Whether it, or a macro that it calls, runs a query of its own when it is compiled."""
    if "adapter.execute" in node.get("raw_code", node.get("macro_sql", "")):
        return True
    called = set(node["depends_on"].get("macros", ())) - seen
    seen |= called
    return bool(called & ASKS_THE_DATABASE) or any(
        asks_the_database(macros[name], macros, seen) for name in called if name in macros
    )
