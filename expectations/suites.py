"""Reads promises from `raw/<extract>.yml` and `marts/<schema>/<mart>.yml`; does not run them."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

Severity = Literal["critical", "warning"]


class SuiteError(ValueError):
    """A suite file says something that cannot be a promise; the message names the file and the promise."""


@dataclass(frozen=True)
class Promise:
    """One thing that holds for a table.

    `table` is `orders` for an extract, `reach.posts` for a mart. `because` is a sentence for whoever finds it broken.
    A broken `critical` promise stops the run, a `warning` leaves a mark. `expectation` is a type of Great Expectations
    in snake case, `kwargs` its arguments.
    """

    table: str
    name: str
    because: str
    severity: Severity
    expectation: str
    kwargs: dict[str, Any]


KEYS = {"promise" if field.name == "name" else field.name for field in fields(Promise)} - {"table"}


def load_suites(folder: Path, names: Iterable[str] | None = None) -> dict[str, tuple[Promise, ...]]:
    """Promises by table, of every suite under `folder` or only of the tables in `names`.

    The path names the table: `orders.yml` is `orders`, `reach/posts.yml` is `reach.posts`.

    Raises:
        SuiteError: a file or promise is malformed, or a name has no file.
    """
    files = {".".join(path.relative_to(folder).with_suffix("").parts): path for path in sorted(folder.rglob("*.yml"))}
    wanted = list(files) if names is None else list(names)
    if missing := [name for name in wanted if name not in files]:
        raise SuiteError(f"{folder}: no suite for {', '.join(missing)}")
    return {table: _load_suite(files[table], table) for table in wanted}


def _load_suite(path: Path, table: str) -> tuple[Promise, ...]:
    try:
        entries = YAML(typ="safe").load(path)
    except YAMLError as error:
        raise SuiteError(f"{path}: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise SuiteError(f"{path}: a suite is a list of promises")
    promises: dict[str, Promise] = {}
    for entry in entries:
        promise = _read_promise(entry, table, path)
        if promise.name in promises:
            raise SuiteError(f"{path}: {promise.name}: promised twice")
        promises[promise.name] = promise
    return tuple(promises.values())


def _read_promise(entry: Any, table: str, path: Path) -> Promise:
    if not isinstance(entry, dict):
        raise SuiteError(f"{path}: {entry!r}: a promise has the keys {', '.join(sorted(KEYS))}")
    where = f"{path}: {entry.get('promise', entry)}"
    if entry.keys() != KEYS:
        raise SuiteError(
            f"{where}: unknown keys {sorted(entry.keys() - KEYS)}, missing keys {sorted(KEYS - entry.keys())}"
        )
    if entry["severity"] not in get_args(Severity):
        raise SuiteError(f"{where}: severity {entry['severity']!r} is none of {', '.join(get_args(Severity))}")
    if not isinstance(entry["kwargs"], dict):
        raise SuiteError(f"{where}: kwargs {entry['kwargs']!r} are no mapping")
    for key in ("promise", "because", "expectation"):
        if not isinstance(entry[key], str) or not entry[key].strip():
            raise SuiteError(f"{where}: {key} {entry[key]!r} is no text")
    return Promise(
        table=table,
        name=entry["promise"],
        because=entry["because"],
        severity=entry["severity"],
        expectation=entry["expectation"],
        kwargs=entry["kwargs"],
    )
