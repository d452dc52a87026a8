"""Records of a REST API, as dlt's rest_api declares paths, pagination, authentication and incremental parameters.

dlt retries what may pass (429 after the time that the server names, 5xx, broken connections). Records are kept as JSON
Lines, verbatim: a number keeps its digits.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from orchestration.landing.pulling.results import Pulled, PullFailed
from orchestration.programme.connections import FilledConnection
from orchestration.programme.extracts import Entry

# Seconds; a server may ask for a longer pause than dlt's default maximum.
_LONGEST_PAUSE = 900
_ATTEMPTS = 6


def pull_records(
    connection: FilledConnection, entry: Entry, before: Sequence[Path], since: date | None, target: Path
) -> Pulled:
    """Write the records that the entry's resource has to `target`, one per line. Raises PullFailed."""
    import simplejson
    from dlt.common.exceptions import DltException
    from requests import HTTPError, RequestException

    endpoint = deepcopy(entry.api or {})
    incremental = find_incremental(endpoint)
    last = find_last_value(before[-1], str(incremental["cursor_path"])) if incremental is not None and before else None
    start: Any = since.isoformat() if since is not None and incremental is not None else last
    if incremental is not None and start is not None:
        incremental["initial_value"] = start
    rows, deadline = 0, time.monotonic() + timedelta(minutes=entry.time_limit).total_seconds()
    reached = last
    try:
        with target.open("w", encoding="utf-8") as opened:
            for record in _iterate(connection, entry, endpoint):
                opened.write(simplejson.dumps(record, use_decimal=True, ensure_ascii=False, default=str) + "\n")
                rows += 1
                if incremental is not None:
                    reached = _later(reached, _find_value(record, str(incremental["cursor_path"])))
                if time.monotonic() > deadline:
                    message = f"the pull took longer than its time_limit of {entry.time_limit} minutes"
                    raise PullFailed(f"{entry.label}: {message}")
    except (DltException, RequestException, OSError, ValueError, KeyError, TypeError) as error:
        cause = _find_cause(error)
        said = connection.redact(" ".join(f"{type(cause).__name__}: {cause}".split()))
        status = cause.response.status_code if isinstance(cause, HTTPError) and cause.response is not None else None
        is_transient = isinstance(cause, OSError) and (status is None or status == 429 or status >= 500)
        raise PullFailed(f"{entry.label} ← {connection.name}: {said}", is_transient) from None
    return Pulled(
        rows=rows, start=None if start is None else str(start), cursor=None if reached is None else str(reached)
    )


def _iterate(connection: FilledConnection, entry: Entry, endpoint: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    from dlt.sources.helpers.requests.retry import Client
    from dlt.sources.rest_api import rest_api_resources

    port = f":{connection.port}" if connection.port else ""
    session = Client(
        raise_for_status=False,  # dlt's client of the API does that
        request_max_attempts=_ATTEMPTS,
        request_max_retry_delay=_LONGEST_PAUSE,
    ).session
    session.mount(f"{connection.scheme}://", _make_adapter())
    config = {
        "client": {
            **connection.options,
            "base_url": f"{connection.scheme}://{connection.host}{port}/{connection.path}".rstrip("/") + "/",
            "session": session,
        },
        "resources": [{"name": "records", "endpoint": {**endpoint, "path": str(endpoint["path"]).lstrip("/")}}],
    }
    for resource in rest_api_resources(config):
        yield from resource


def _make_adapter() -> Any:
    """An adapter of requests whose responses read numbers with a point as decimals, so that they keep their digits."""
    from requests.adapters import HTTPAdapter

    class ExactNumbers(HTTPAdapter):  # type: ignore[misc]
        def build_response(self, *arguments: Any) -> Any:
            response = super().build_response(*arguments)
            response.json = lambda **_: json.loads(response.text, parse_float=Decimal)
            return response

    return ExactNumbers()


def find_incremental(endpoint: Mapping[str, Any]) -> dict[str, Any] | None:
    """The declaration of the cursor, where the endpoint has one: `incremental`, or a parameter of that type."""
    parameters = endpoint.get("params")
    values = parameters.values() if isinstance(parameters, dict) else ()
    found = [one for one in values if isinstance(one, dict) and one.get("type") == "incremental"]
    declared = endpoint.get("incremental") or (found[0] if found else None)
    if declared is None:
        return None
    if not isinstance(declared, dict) or "cursor_path" not in declared:
        raise PullFailed("`incremental` in api has no cursor_path. Write the name of the field, such as updated_at")
    return declared


def find_last_value(file: Path, path: str) -> Any:
    """The last value at a path (`a.b`) of the records of a file."""
    last = None
    with file.open(encoding="utf-8") as opened:
        for line in opened:
            last = _later(last, _find_value(json.loads(line, parse_float=Decimal), path))
    return last


def count_lines(file: Path) -> int:
    with file.open("rb") as opened:
        return sum(1 for _ in opened)


def _find_value(record: Any, path: str) -> Any:
    for part in path.removeprefix("$.").split("."):
        record = record.get(part) if isinstance(record, dict) else None
    return record


def _later(first: Any, second: Any) -> Any:
    if first is None or second is None:
        return second if first is None else first
    return max(first, second) if type(first) is type(second) else max(str(first), str(second))


def _find_cause(error: BaseException) -> BaseException:
    """What dlt wraps: the error of the request, if there is one."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error
