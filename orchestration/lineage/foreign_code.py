"""Code of the dbt project that is no model and could still bring a number into one, past everything that is proved."""

from collections.abc import Iterator, Mapping
from typing import Any

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
                yield f"{file} asks the database while it is compiled: what comes of it stands in its SQL as a constant"
    for function in manifest.get("functions", {}).values():
        yield f"{function['original_file_path']}: a function of the database is not examined"


def asks_the_database(node: Mapping[str, Any], macros: Mapping[str, Any], seen: set[str]) -> bool:
    """Whether it, or a macro that it calls, runs a query of its own when it is compiled."""
    if "adapter.execute" in node.get("raw_code", node.get("macro_sql", "")):
        return True
    called = set(node["depends_on"].get("macros", ())) - seen
    seen |= called
    return bool(called & ASKS_THE_DATABASE) or any(
        asks_the_database(macros[name], macros, seen) for name in called if name in macros
    )
