"""plan.yml and extracts.yml: what they mean, and every problem in them at once, each with its line."""

import shlex
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.programme import (
    Programme,
    ProgrammeError,
    ProgrammeFolder,
    read_programme,
    write_plan_tables,
)

PLAN = """\
programme: Northwind Coffee
currency: EUR
timezone: Europe/Brussels
evidence_order: [referral, code]
exchange_rates: {USD: 0.92}
objectives:
  - id: 007
    statement: People buy their first bag from us.
    owner: jo@northwind.example
    goals:
      - id: spring
        kpi: net_revenue
        target: 250000.10
        baseline: 180000
        starts_on: 2026-03-01
        ends_on: 2026-06-30
        evidence: tracked
        only: {relationship: [customer, employee], campaign: spring, new_customers: yes}
      - {id: later}
    steps:
      - {id: brief, statement: Brief the roasters, owner: sam@n.example, due_on: 2026-03-10, done_on: 2026-03-09}
"""
EXTRACTS = """\
extracts:
  - files: landing/orders*.csv
    feeds: orders
    columns: {order_id: Order, ordered_at: Date, net: Net}
    values: {shop: 007}
"""
KPIS = """\
kpi,family,unit,better,narrowed_by
impressions,reach,count,higher,
engagement_rate,engagement,ratio,higher,
relevance_ratio,relevance,ratio,higher,
net_revenue,result,money,higher,relationship;partner;campaign;platform;new_customers
commitments_kept,relationship,count,higher,relationship;partner
"""


@pytest.fixture
def read(tmp_path: Path):
    """Read a programme made of the two texts."""
    kpis = tmp_path / "kpis.csv"
    kpis.write_text(KPIS)
    folder = tmp_path / "a team's folder"

    def write_and_read(plan: str | bytes = PLAN, extracts: str = EXTRACTS) -> Programme:
        (folder / "landing").mkdir(parents=True, exist_ok=True)
        (folder / "plan.yml").write_bytes(plan.encode() if isinstance(plan, str) else plan)
        (folder / "extracts.yml").write_text(extracts)
        return read_programme(folder, kpis)

    return write_and_read


@pytest.fixture
def complain(read):
    """Read two texts that are wrong, and give the problems as they are printed."""

    def read_and_complain(plan: str | bytes = PLAN, extracts: str = EXTRACTS) -> list[str]:
        with pytest.raises(ProgrammeError) as caught:
            read(plan, extracts)
        assert len(str(caught.value).splitlines()) == len(caught.value.problems)
        return str(caught.value).splitlines()

    return read_and_complain


def test_a_plan_is_read_as_it_is_written(read):
    plan = read().plan
    assert (plan.programme, plan.currency, plan.lookback_days) == ("Northwind Coffee", "EUR", 30)
    assert plan.attribution_model == "last_touch"
    assert plan.evidence_order == ("referral", "code", "conversion", "click", "survey")
    assert plan.exchange_rates == {"USD": Decimal("0.92")}
    (objective,) = plan.objectives
    assert objective.id == "007"
    spring, later = objective.goals
    assert (str(spring.target), spring.ends_on) == ("250000.10", date(2026, 6, 30))
    assert (spring.only.campaign, spring.only.new_customers) == (("spring",), True)
    assert (later.kpi, later.target, later.only) == (None, None, None)


def test_a_plan_without_objectives_is_a_plan(read):
    for objectives in ("", "objectives:\n", "objectives: []\n"):
        assert read(f"programme: N\ncurrency: EUR\ntimezone: UTC\n{objectives}").plan.objectives == ()


def test_a_plan_with_five_mistakes_gives_five_messages(complain):
    plan = (
        PLAN.replace("EUR", "euro")
        .replace("target: 250000.10", "targett: 250000")
        .replace("ends_on: 2026-06-30", "ends_on: 2026-02-30")
        .replace("id: later", "id: spring")
        .replace("evidence: tracked", "evidence: guessed")
    )
    messages = complain(plan)
    assert len(messages) == 5
    for number, start in zip((2, 13, 16, 17, 19), messages, strict=True):
        assert start.startswith(f"plan.yml line {number}: ")
    assert "Did you mean 'target'?" in messages[1]


def test_problems_of_both_files_are_reported_together(complain):
    messages = complain(PLAN.replace("EUR", "euro"), EXTRACTS.replace("feeds: orders", "feeds: order"))
    assert [message.split(":")[0] for message in messages] == ["plan.yml line 2", "extracts.yml line 3"]


@pytest.mark.parametrize("kpi", ["impressions", "engagement_rate", "relevance_ratio"])
def test_a_goal_on_reach_or_engagement_is_refused_with_the_kpis_that_it_could_have(complain, kpi):
    (message,) = complain(PLAN.replace("kpi: net_revenue", f"kpi: {kpi}"))
    assert message.startswith("plan.yml line 12: goal 'spring'")
    assert "Measure outcomes, not influence" in message
    assert "net_revenue, commitments_kept" in message


def test_an_unknown_kpi_is_refused_with_the_nearest_one(complain):
    (message,) = complain(PLAN.replace("kpi: net_revenue", "kpi: net_revenues"))
    assert "Did you mean 'net_revenue'?" in message


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("Europe/Brussels", "Europe/Brusels", "line 3: 'Europe/Brusels' is not a time zone. Did you mean 'Europe/Bru"),
        ("[referral, code]", "[referral, luck]", "line 4: 'luck' is not a kind of evidence"),
        ("[referral, code]", "[code, code]", "line 4: 'code' is there 2 times"),
        ("USD: 0.92", "USD: 0", "line 5: '0' is not positive"),
        ("USD: 0.92", "USD: 0,92", "line 5: "),
        ("USD: 0.92", "EUR: 2", "line 5: one EUR is 2 EUR"),
        ("USD: 0.92", "usd: 2", "line 5: 'usd' is not a currency"),
        ("target: 250000.10", "target: 250,000", "line 13: '250,000' is not a number"),
        ("target: 250000.10", "target: 1.23456", "line 13: '1.23456' does not fit"),
        ("baseline: 180000", "baseline: 250000.1", "line 14: target and baseline are both 250000.1"),
        ("starts_on: 2026-03-01", "starts_on: 2026-07-01", "line 16: the goal ends on 2026-06-30, before it starts"),
        ("starts_on: 2026-03-01", "starts_on: 01/03/2026", "line 15: '01/03/2026' is not a date"),
        ("new_customers: yes", "study: s", "line 18: a goal on net_revenue cannot be narrowed to study"),
        ("[customer, employee]", "[customer, friend]", "line 18: 'friend' is not a relationship"),
        ("new_customers: yes", "new_customers: maybe", "line 18: new_customers is 'maybe'"),
        ("exchange_rates:", "lookback_days: -1\nexchange_rates:", "line 5: lookback_days is -1"),
        ("exchange_rates:", "lookback_days: many\nexchange_rates:", "line 5: lookback_days is 'many'"),
        ("exchange_rates:", "keep_nights: 0\nexchange_rates:", "line 5: 'keep_nights' is not known here"),
        ("exchange_rates:", "attribution_model: last\nexchange_rates:", "line 5: 'last' is not an attribution model"),
        ("statement: Brief the roasters, ", "", "line 21: objectives[1].steps[1].statement is missing"),
        ("currency: EUR\n", "", "line 1: currency is missing"),
        ("programme: Northwind Coffee", "programme: !!python/object:os.system x", "line 1: the tag"),
        ("programme: Northwind Coffee", "programme: &a x", "line 1: the anchor '&a'"),
        ("programme: Northwind Coffee", "programme: x\nprogramme: y", "line 2: 'programme' is there twice, first on"),
        ("programme: Northwind Coffee", "programme: [x", "line 2: is not valid YAML"),
        ("programme: Northwind Coffee", "programme: *x", "line 1: is not valid YAML"),
        ("programme: Northwind Coffee", "programme: x\0", "line 1: is not valid YAML"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_plan_is_named_with_its_line(complain, written, instead, said):
    messages = complain(PLAN.replace(written, instead))
    assert any(message.startswith(f"plan.yml {said}") for message in messages), messages


@pytest.mark.parametrize("plan", ["", "- a\n- b\n", "just text"])
def test_a_plan_that_is_no_mapping_is_refused(complain, plan):
    assert len(complain(plan)) == 1


def test_a_plan_that_is_not_utf8_is_refused(complain):
    (message,) = complain(PLAN.replace("Northwind Coffee", "Café").encode("latin-1"))
    assert message.startswith("plan.yml line 1: is not UTF-8 text")


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("landing/orders*.csv", "/etc/*", "line 2: files is '/etc/*', which is not inside"),
        ("landing/orders*.csv", "landing/../../x", "line 2: files is 'landing/../../x'"),
        ("feeds: orders", "feeds: order", "line 3: 'order' is not an extract. Did you mean 'orders'?"),
        ("feeds: orders", "format: shopify_order", "line 3: the format 'shopify_order' is not known"),
        ("feeds: orders", "feeds: [orders]", "line 3: feeds must be a text, not a list"),
        ("    feeds: orders\n", "", "line 2: an entry has either `format` or `feeds`, and this one has neither"),
        ("feeds: orders", "feeds: orders\n    format: x", "line 4: an entry has either `format` or `feeds`, and"),
        ("net: Net", "nett: Net", "line 4: orders has no column 'nett'. Did you mean 'net'?"),
        ("shop: 007", "net: 7", "line 5: net is in both columns and values"),
        ("shop: 007", "tax: free", "line 5: tax is 'free', which is not a money amount"),
        ("shop: 007", "shop: 1}\n    delimiter: ';;'\n    #{", "line 6: delimiter is ';;'"),
        ("shop: 007", "shop: 1}\n    encoding: utf-99\n    #{", "line 6: encoding is 'utf-99'"),
        ("shop: 007", "shop: 1}\n    encoding: base64\n    #{", "line 6: encoding is 'base64'"),
        ("shop: 007", "shop: 1}\n    decimal: ;\n    #{", "line 6: decimal is ';'"),
        ("shop: 007", "shop: 1}\n    sheet: 0\n    #{", "line 6: sheet is 0"),
        ("shop: 007", "shop: 1}\n    skip_rows: -1\n    #{", "line 6: skip_rows is -1"),
        ("shop: 007", "shop: 1}\n    delivery: snapshots\n    #{", "line 6: delivery is 'snapshots'. Did you mean"),
        ("shop: 007", "shop: 1}\n    date_order: dm\n    #{", "line 6: date_order is 'dm'"),
        ("shop: 007", "shop: 1}\n    timezone: CEST\n    #{", "line 6: 'CEST' is not a time zone"),
        ("shop: 007", "shop: 1}\n    delimeter: ;\n    #{", "line 6: 'delimeter' is not known here. Did you mean 'del"),
        ("extracts:", "extract:", "line 1: extracts is not a list of entries"),
    ],
)  # fmt: skip
def test_a_mistake_in_an_entry_is_named_with_its_line(complain, written, instead, said):
    messages = complain(extracts=EXTRACTS.replace(written, instead))
    assert any(message.startswith(f"extracts.yml {said}") for message in messages), messages


def test_an_entry_keeps_constants_as_they_are_written(read):
    (entry,) = read(extracts=EXTRACTS.replace("shop: 007", "shop: 1.10, status: True, currency: 'EUR'")).entries
    assert entry.values == {"shop": "1.10", "status": "true", "currency": "EUR"}


def test_an_empty_folder_is_refused_with_how_to_start_a_programme(tmp_path):
    folder = tmp_path / "Jo's"
    folder.mkdir()
    with pytest.raises(ProgrammeError) as caught:
        read_programme(folder)
    assert str(caught.value).endswith(f"make new PROGRAMME={shlex.quote(str(folder))}.")


def test_a_folder_that_lacks_one_file_is_refused_with_what_to_copy(tmp_path):
    folder = tmp_path / "Jo's"
    folder.mkdir()
    (folder / "plan.yml").write_text(PLAN)
    with pytest.raises(ProgrammeError) as caught:
        read_programme(folder)
    extracts, landing = caught.value.problems
    subprocess.run(extracts.remedy.partition(": ")[2], shell=True, check=True)
    assert landing.file == "landing"
    (folder / "landing").mkdir()
    assert read_programme(folder).entries == ()


@pytest.mark.parametrize(("name", "said"), [("nowhere", "does not exist"), ("file", "is not a folder")])
def test_a_path_that_is_no_folder_is_refused(tmp_path, name, said):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ProgrammeError, match=said):
        read_programme(tmp_path / name)


def test_paths_of_a_folder_that_has_blanks_and_quotes_in_its_name():
    folder = ProgrammeFolder(Path("/a b/'c'"))
    assert folder.raw == Path("/a b/'c'/warehouse/raw")
    assert folder.ledger_file == Path("/a b/'c'/warehouse/ledger.sqlite")
    assert folder.pseudonym_key_file == Path("/a b/'c'/.pseudonym_key")


def test_the_plan_is_written_as_tables_for_dbt(read):
    programme = read()
    assert write_plan_tables(programme, date(2026, 5, 1))["goal_versions"] == 2
    tables = read_tables(programme)
    assert tables["settings"] == [
        ("Northwind Coffee", "EUR", "Europe/Brussels", 30, "last_touch", "exclude", "first", "auto", 10, "keep")
    ]
    assert tables["today"] == [(date(2026, 5, 1),)]
    assert tables["exchange_rates"] == [("EUR", Decimal("1.00000000")), ("USD", Decimal("0.92000000"))]
    assert tables["evidence_order"][:2] == [("referral", 1), ("code", 2)]
    assert tables["objectives"] == [("007", "People buy their first bag from us.", "jo@northwind.example", 1)]
    only = '{"campaign": ["spring"], "new_customers": ["true"], "relationship": ["customer", "employee"]}'
    assert tables["goal_versions"] == [
        ("007", "later", 1, True, date(2026, 5, 1), None, None, None, "jo@northwind.example", None, None, None, None, 2),
        ("007", "spring", 1, True, date(2026, 5, 1), "net_revenue", Decimal("250000.1000"), Decimal("180000.0000"),
         "jo@northwind.example", date(2026, 3, 1), date(2026, 6, 30), "tracked", only, 1),
    ]  # fmt: skip
    assert tables["goal_filters"] == [
        ("spring", 1, "campaign", "spring"),
        ("spring", 1, "new_customers", "true"),
        ("spring", 1, "relationship", "customer"),
        ("spring", 1, "relationship", "employee"),
    ]
    assert tables["steps"] == [
        ("007", "brief", "Brief the roasters", "sam@n.example", date(2026, 3, 10), date(2026, 3, 9), 1)
    ]


def test_an_empty_plan_gives_empty_tables_of_the_same_types(read):
    programme = read("programme: N\ncurrency: EUR\ntimezone: UTC\n")
    write_plan_tables(programme)
    tables = read_tables(programme)
    assert len(tables.pop("settings")) == 1
    assert tables.pop("exchange_rates") == [("EUR", Decimal(1))]
    assert [name for name, rows in tables.items() if rows] == ["evidence_order", "excluded_statuses", "today"]
    with duckdb.connect() as connection:
        goals = connection.read_parquet(str(programme.folder.raw / "plan/goal_versions.parquet"))
        assert [str(kind) for kind in goals.types] == [
            "VARCHAR", "VARCHAR", "INTEGER", "BOOLEAN", "DATE", "VARCHAR", "DECIMAL(18,4)", "DECIMAL(18,4)", "VARCHAR",
            "DATE", "DATE", "VARCHAR", "VARCHAR", "INTEGER",
        ]  # fmt: skip


def read_tables(programme: Programme) -> dict[str, list[tuple]]:
    with duckdb.connect() as connection:
        return {
            file.stem: connection.read_parquet(str(file)).fetchall()
            for file in sorted((programme.folder.raw / "plan").glob("*.parquet"))
        }
