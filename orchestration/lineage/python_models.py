"""Python models: they may read what they ref() or source(), and their code must have no other way to any data."""

import ast
from collections.abc import Iterator
from pathlib import Path

from orchestration.programme.repository import DBT_PROJECT

METHODS = DBT_PROJECT / "methods"
LIBRARIES = {"numpy", "pandas", "scipy", "statsmodels", "math", "statistics", "collections", "dataclasses", "itertools"}
HARMLESS = LIBRARIES | {"__future__", "typing", "functools", "datetime", "decimal", "fractions", "random"}
OPENERS = {"open", "eval", "exec", "compile", "__import__", "getattr", "globals", "vars"}
READERS = {"sql", "execute", "query", "from_query", "query_df", "load", "loadtxt", "genfromtxt", "fromfile", "memmap"}


def find_hidden_reads(code: str, methods: Path = METHODS) -> Iterator[str]:
    """A reason for each thing in the code of a model by which it could read what is not in dbt's graph."""
    tree = ast.parse(code)
    yield from _find_in(tree, methods, set())
    of_itself = {id(node.func.value) for node in ast.walk(tree) if reads_its_own_table(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "session" and id(node) not in of_itself:
            yield f"line {node.lineno} uses the session, through which a model could read any table"


def reads_its_own_table(node: ast.AST) -> bool:
    """Whether it is `session.table(str(dbt.this))`, by which an incremental model reads what it made before."""
    return isinstance(node, ast.Call) and ast.unparse(node) == "session.table(str(dbt.this))"


def _find_in(tree: ast.AST, methods: Path, seen: set[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            for name in {name.split(".")[0] for name in names} - HARMLESS - seen:
                seen.add(name)
                method = methods / f"{name}.py"
                if method.exists():
                    inner = _find_in(ast.parse(method.read_text()), methods, seen)
                    yield from (f"methods/{name}.py: {reason}" for reason in inner)
                else:
                    yield f"line {node.lineno} imports {name}, which could read any data"
        elif isinstance(node, ast.Name) and node.id in OPENERS:
            yield f"line {node.lineno} uses {node.id}()"
        elif isinstance(node, ast.Attribute) and (node.attr in READERS or node.attr.startswith("read_")):
            yield f"line {node.lineno} uses .{node.attr}, which could read any data"
