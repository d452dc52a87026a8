"""The five commands of docs/configuration.md, from the URL of a database to a first goal with a number, as they are."""

import os
import re
import subprocess
from pathlib import Path

from tests.conftest import REPOSITORY, Run
from tests.servers.postgres import PostgresServer
from tests.servers.processes import PASSWORD

DOCUMENTED = re.compile(
    r"From a database to a first goal with a number, in five commands:\n\n```sh\n(.*?)```", re.DOTALL
)


def read_commands() -> list[str]:
    [found] = DOCUMENTED.findall((REPOSITORY / "docs" / "configuration.md").read_text(encoding="utf-8"))
    return found.splitlines()


def test_five_commands_lead_from_a_database_to_a_goal_with_a_number(postgres: PostgresServer, tmp_path: Path):
    # 2 of 3 orders of this year carry Mira's code: 40.00 + 60.50. The newcomer may only read, and never saw this project.
    postgres.execute(
        "drop schema public cascade",
        "create schema public",
        "create table orders (id bigint primary key, customer_id bigint, created_at timestamptz not null default now(),"
        " updated_at timestamptz, currency text, subtotal numeric(12,2), total numeric(12,2), discount_code text, status text)",
        "insert into orders select n, n, start + n * interval '1 minute', start + n * interval '1 minute', 'EUR', net, net * 1.21,"
        " code, 'completed' from (values (1, 40.00, 'MIRA10'), (2, 60.50, 'MIRA10'), (3, 99.00, null)) as t (n, net, code),"
        " (select date_trunc('year', now() at time zone 'UTC') at time zone 'UTC') as s (start)",
        "create table codes (code text primary key, partner_id text)",
        "insert into codes values ('MIRA10', 'mira')",
        f"create role reader login password '{PASSWORD}'",
        "grant usage on schema public to reader",
        "grant select on all tables in schema public to reader",
    )
    commands = read_commands()
    assert len(commands) == 5
    replaced = {
        "~/our-programme": str(tmp_path / "our-programme"),
        "db.internal/shop": f"127.0.0.1:{postgres.port}/postgres",
        "'…'": f"'{PASSWORD}'",
    }
    text = "\n".join(commands)
    for documented, here in replaced.items():
        assert documented in text
        text = text.replace(documented, here)
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}
    try:
        done = subprocess.run(
            ["bash", "-e", "-c", text], cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=900
        )
    finally:
        postgres.execute("drop owned by reader", "drop role reader")
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "public.orders" in said and PASSWORD not in said
    goal = Run(tmp_path / "our-programme", 0, "").query(
        "select goal_id, kpi, baseline, target, actual, status <> 'undefined' from goals.progress"
    )
    assert goal == [("first-goal", "net_revenue", 4000, 10000, 100.5, True)], said
    kept = "".join(file.read_text() for file in (tmp_path / "our-programme").glob("*.yml"))
    assert PASSWORD not in kept
