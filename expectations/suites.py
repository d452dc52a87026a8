"""Reads checks from `raw/<extract>.yml` and `marts/<schema>/<mart>.yml`; does not run them.

A file is a suite as Great Expectations writes it (`gx.ExpectationSuite(**content)` loads it), and every expectation of
it a check. The name of a check is in `meta`, because Great Expectations keeps `id` for UUIDs of its own. This module
reads the files without Great Expectations, whose import takes seconds: names, notes and severities are needed on every
start.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

Severity = Literal["critical", "warning"]
SUITE_KEYS = {"name", "expectations"}
KEYS = {"meta", "notes", "severity", "type", "kwargs"}


class SuiteError(ValueError):
    """A suite file is malformed; the message names the file and the check."""


@dataclass(frozen=True)
class Check:
    """One expectation on one table.

    `table` is `orders` for an extract, `reach.posts` for a mart. `notes` is a sentence on why it matters. A `critical`
    check that fails stops the run, a `warning` does not. `type` is an expectation of Great Expectations in snake case,
    `kwargs` are its arguments.
    """

    table: str
    name: str
    notes: str
    severity: Severity
    type: str
    kwargs: dict[str, Any]


def load_suites(folder: Path, names: Iterable[str] | None = None) -> dict[str, tuple[Check, ...]]:
    """Checks by table, of every suite under `folder` or only of the tables in `names`.

    The path names the table: `orders.yml` is `orders`, `reach/posts.yml` is `reach.posts`.

    Raises:
        SuiteError: a file or check is malformed, or a name has no file.
    """
    files = {".".join(path.relative_to(folder).with_suffix("").parts): path for path in sorted(folder.rglob("*.yml"))}
    wanted = list(files) if names is None else list(names)
    if missing := [name for name in wanted if name not in files]:
        raise SuiteError(f"{folder}: no suite for {', '.join(missing)}")
    return {table: _load_suite(files[table], table) for table in wanted}


def _load_suite(path: Path, table: str) -> tuple[Check, ...]:
    try:
        with path.open("rb") as file:
            suite = yaml.load(file, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise SuiteError(f"{path}: {error}") from error
    if not isinstance(suite, dict) or suite.keys() != SUITE_KEYS:
        raise SuiteError(f"{path}: a suite has the keys {', '.join(sorted(SUITE_KEYS))}")
    if suite["name"] != table:
        raise SuiteError(f"{path}: name {suite['name']!r} is not {table}, the table that the path names")
    if not isinstance(suite["expectations"], list) or not suite["expectations"]:
        raise SuiteError(f"{path}: expectations are no list, or an empty one")
    checks: dict[str, Check] = {}
    for entry in suite["expectations"]:
        check = _read_check(entry, table, path)
        if check.name in checks:
            raise SuiteError(f"{path}: {check.name}: two checks have this name")
        checks[check.name] = check
    return tuple(checks.values())


def _read_check(entry: Any, table: str, path: Path) -> Check:
    if not isinstance(entry, dict):
        raise SuiteError(f"{path}: {entry!r}: an expectation has the keys {', '.join(sorted(KEYS))}")
    meta = entry.get("meta")
    name = meta.get("check") if isinstance(meta, dict) else None
    where = f"{path}: {name or entry}"
    if entry.keys() != KEYS:
        raise SuiteError(
            f"{where}: unknown keys {sorted(entry.keys() - KEYS)}, missing keys {sorted(KEYS - entry.keys())}"
        )
    if not isinstance(meta, dict) or meta.keys() != {"check"}:
        raise SuiteError(f"{where}: meta {meta!r} is not {{check: its name}}")
    if entry["severity"] not in get_args(Severity):
        raise SuiteError(f"{where}: severity {entry['severity']!r} is none of {', '.join(get_args(Severity))}")
    if not isinstance(entry["kwargs"], dict):
        raise SuiteError(f"{where}: kwargs {entry['kwargs']!r} are no mapping")
    for key, value in {"check": name, "notes": entry["notes"], "type": entry["type"]}.items():
        if not isinstance(value, str) or not value.strip():
            raise SuiteError(f"{where}: {key} {value!r} is no text")
    return Check(table, meta["check"], entry["notes"], entry["severity"], entry["type"], entry["kwargs"])
