"""Proves in a real Superset that its charts show the numbers of the marts, as numbers/<chart>.sql reads them in DuckDB.

The charts read marts.duckdb or, if MARTS is its URL, a PostgreSQL that was published to (postgresql.py starts one).
Sets up a separate Superset, opens its dashboards in a browser, compares the response for each chart, and saves a
picture of each dashboard in the folder given as argument.
Raises AssertionError with what differs.
"""

import json
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb
import yaml
from browser import Page, open_browser
from start import ASSETS, HERE, MARTS, USER, find_source, read_secret, serve, set_up

# Every chart is drawn and none is still loading.
DRAWN = """(count => {
    const holders = document.querySelectorAll('.dashboard-chart-id-holder, [data-test="chart-container"]');
    const waiting = document.querySelectorAll('[data-test="loading-indicator"], .loading');
    return holders.length >= count && waiting.length === 0;
})(%d)"""
DIGITS = 9


def read_assets(kind: str) -> Mapping[str, Any]:
    return {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in (ASSETS / kind).glob("*.yaml")}


def list_charts(dashboard: Mapping[str, Any]) -> set[str]:
    """Uuids of the charts of a dashboard."""
    places = dashboard["position"].values()
    return {place["meta"]["uuid"] for place in places if isinstance(place, dict) and place["type"] == "CHART"}


def log_in(page: Page, address: str, password: str) -> None:
    page.open(f"{address}/login/")
    page.wait_until("document.querySelector('#password') !== null")
    for field, text in (("#username", USER), ("#password", password)):
        page.evaluate(f"document.querySelector('{field}').focus()")
        page.send("Input.insertText", text=text)
    page.evaluate("document.querySelector('button[type=submit], input[type=submit]').click()")
    page.wait_until("!location.pathname.startsWith('/login')")


def read_charts(page: Page, address: str) -> dict[str, list[dict[str, Any]]]:
    """Responses to the open page, by the uuid of the chart."""
    found = {}
    for asked, status, body in page.read_answers("/api/v1/chart/data?form_data="):
        assert status == 200, (asked, body)
        [form] = parse_qs(urlsplit(asked).query)["form_data"]
        details = page.evaluate(f"fetch('/api/v1/chart/{json.loads(form)['slice_id']}').then(answer => answer.json())")
        found[details["result"]["uuid"]] = json.loads(body)["result"][0]["data"]
    return found


def tidy(value: Any, is_day: bool) -> Any:
    """A value in a form that both sides have: numbers to nine digits, times as days."""
    match value:
        case bool() | None | str():
            return value
        case datetime() | date():
            return value.isoformat()[:10]
        case int() | float() if is_day:
            return datetime.fromtimestamp(value / 1000, UTC).date().isoformat()
        case int() | float() | Decimal():
            return float(f"{value:.{DIGITS}g}")
        case _:
            return str(value)


def compare(name: str, shown: list[dict[str, Any]]) -> int:
    """The number of equal rows. Raises AssertionError with what differs."""
    with duckdb.connect(MARTS, read_only=True) as marts:
        found = marts.execute((HERE / "numbers" / f"{name}.sql").read_text(encoding="utf-8"))
        columns = {column[0]: str(column[1]).startswith(("DATE", "TIMESTAMP")) for column in found.description}
        rows = found.fetchall()
    expected = sorted((tuple(tidy(value, False) for value in row) for row in rows), key=str)
    answered = sorted((tuple(tidy(row[key], day) for key, day in columns.items()) for row in shown), key=str)
    assert answered == expected, (
        name,
        [pair for pair in zip(answered, expected, strict=False) if pair[0] != pair[1]][:3],
    )
    return len(expected)


def main(pictures: Path) -> None:
    charts = {chart["uuid"]: name for name, chart in read_assets("charts").items()}
    source = find_source()
    system = "PostgreSQL" if source.is_postgresql else "DuckDB"
    proved = set()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        set_up(home, source)
        with serve(home) as (address, _), open_browser() as page:
            log_in(page, address, read_secret(home))
            for slug, dashboard in sorted(read_assets("dashboards").items()):
                page.open(f"{address}/superset/dashboard/{slug}/?standalone=2")
                wanted = list_charts(dashboard)
                page.wait_until(DRAWN % len(wanted))
                for uuid, rows in read_charts(page, address).items():
                    if uuid in wanted:
                        count = compare(charts[uuid], rows)
                        print(f"{slug}: {charts[uuid]}: {count} rows of {system} as in marts.duckdb")
                        proved.add(uuid)
                height = page.evaluate("document.querySelector('.grid-container').scrollHeight + 150")
                page.take_picture(pictures / f"{slug}-{system.lower()}.png", 1400, int(height))
            assert not page.list_failures(), page.list_failures()
            print("hosts that the pages requested:", ", ".join(sorted(page.list_hosts())))
    missed = set(charts) - proved
    assert not missed, sorted(charts[uuid] for uuid in missed)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
