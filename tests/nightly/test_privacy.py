"""Personal data, secrets and control totals over runs that fail and runs that do not, as real processes."""

import hashlib
import hmac
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.landing.erasure_search import find_files_that_name
from orchestration.landing.load import land
from orchestration.landing.pseudonym_key import make_pseudonym_key
from orchestration.programme.programme import read_programme
from tests.conftest import REPOSITORY, SLOW, TODAY, Run, run_with_history
from tests.warm_process import run_module

KEY = "a-secret-of-the-environment-0123456789"
PLAN = """\
programme: Tiny
currency: EUR
timezone: UTC
exchange_rates: {JPY: 150}
"""
EXTRACTS = """\
extracts:
  - {files: landing/orders*, feeds: orders, duplicates: last}
  - {files: landing/refunds*, feeds: refunds}
  - {files: landing/codes*, feeds: codes}
  - {files: landing/clicks*, feeds: clicks}
  - {files: landing/partners*, feeds: partners}
  - {files: landing/referrals*, feeds: referrals}
  - {files: landing/surveys*, feeds: surveys}
  - {files: landing/recommendations*, feeds: recommendations}
  - {files: landing/answers*, feeds: brand_lift_answers, duplicates: last}
"""
JO = "Jo.Doe@mail.example"
# What must not leave raw: an address, a phone number as an id, a name and an IP address, each of a customer.
PERSONAL = (JO, "bo@mail.example", "+32470123456", "203.0.113.77", "Josephine Doe", "Rue Neuve 7")
FILES = {
    # An amount that is none and quotes an address, a key twice, a line that is cut.
    "orders_2026-03-01.csv": f"""\
order_id,customer_id,ordered_at,currency,net,discount_codes
1,{JO},2026-03-01 10:00:00,EUR,40.00,MIRA10
2,bo@mail.example,2026-03-02 10:00:00,EUR,60.00,
2,bo@mail.example,2026-03-02 10:00:00,EUR,61.00,
3,+32470123456,2026-03-03 10:00:00,EUR,20.00,
4,{JO},2026-03-04 10:00:00,EUR,12 euro to {JO},
5,{JO},2026-03-05
""",
    "refunds.csv": "refund_id,order_id,refunded_at,amount\nr,1,2026-03-06,5.00\n",
    "codes.csv": "code,partner_id\nMIRA10,mira\n",
    "clicks.csv": f"click_id,clicked_at,partner_id,customer_id,visitor_id\nc,2026-03-01 09:00:00,mira,{JO},203.0.113.77\n",
    "partners.csv": "partner_id,name,relationship,customer_id\nmira,Mira,influencer,mira@mail.example\n",
    # Who invites themselves fails a check, and the row is shown.
    "referrals.csv": f"referral_id,referrer_id,referred_customer_id\ni1,{JO},{JO}\ni2,{JO},bo@mail.example\n",
    "surveys.csv": f"response_id,order_id,customer_id,answer\ns,1,{JO},Josephine Doe of Rue Neuve 7\n",
    "recommendations.csv": f"response_id,customer_id,answered_at,answer\nn,{JO},2026-03-09,11\n",
    "answers.csv": f"study_id,respondent_id,question,cell,answer\ns,{JO},q,exposed,yes\ns,{JO},q,control,no\ns,x,q,control,no\n",
}
# A rounded id, in a notation that landing lets pass: a critical check fails, and its row has an address.
DOUBTFUL = f"order_id,customer_id,ordered_at,net\n51E+12,{JO},2026-03-07,1.00\n"
# More than a mart's decimal holds once it is changed into euro: the model fails, and the engine quotes the amount.
HUGE = f"order_id,customer_id,ordered_at,currency,net\n8,{JO},2026-03-08,JPY,9876543210987654.00\n"


def run_with_key(programme: Path) -> Run:
    return run_with_history(programme, PSEUDONYM_KEY=KEY)


def forget(programme: Path, customer: str) -> Run:
    """`make forget`, with the id on its standard input."""
    environment = {"PROGRAMME": str(programme), "AS_OF": TODAY, "PSEUDONYM_KEY": KEY, "CUSTOMER_FILE": "-"}
    done = run_module(
        "orchestration.cli.forget", [], os.environ | environment, history_in_memory=True, standard_input=customer
    )
    return Run(programme, *done)


def find_leaks(programme: Path, texts: tuple[str, ...]) -> dict[str, list[Path]]:
    """By text: files outside landing, raw and quarantine that have it; packed ones are unpacked."""
    mayhave = [programme / "landing", programme / "quarantine"]
    mayhave += [programme / "warehouse" / "raw", programme / "warehouse" / "quarantine"]
    found = {text: find_files_that_name(programme, [text]) for text in texts}
    return {
        text: leaks
        for text, files in found.items()
        if (leaks := [file for file in files if not any(file.is_relative_to(folder) for folder in mayhave)])
    }


def write_programme(programme: Path) -> Path:
    (programme / "landing").mkdir()
    (programme / "plan.yml").write_text(PLAN)
    (programme / "extracts.yml").write_text(EXTRACTS)
    for name, text in FILES.items():
        (programme / "landing" / name).write_text(text)
    return programme


@pytest.fixture(scope="module")
def forgotten(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """`make forget` on a programme whose files were loaded before."""
    programme = write_programme(tmp_path_factory.mktemp("people"))
    (programme / "landing" / "orders_2026-03-08.csv").write_text(HUGE.replace("9876543210987654.00", "0.00"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PSEUDONYM_KEY", KEY)
        make_pseudonym_key(programme / ".pseudonym_key")
        land(read_programme(programme))
    assert find_files_that_name(programme / "warehouse", [JO])
    return forget(programme, f"{JO}\n")


@SLOW
def test_a_run_whose_model_fails_shows_no_customers_data(tmp_path: Path):
    programme = write_programme(tmp_path)
    (programme / "landing" / "orders_2026-03-08.csv").write_text(HUGE)
    run = run_with_key(programme)
    assert run.status == 1
    assert "int_orders_priced" in run.screen
    for text in (*PERSONAL, "9876543210987654"):
        assert text.lower() not in run.screen.lower()
    assert find_leaks(programme, (*PERSONAL, KEY)) == {}


@SLOW
def test_a_run_that_fails_a_check_shows_no_customers_data(tmp_path: Path):
    programme = write_programme(tmp_path)
    (programme / "landing" / "orders_2026-03-07.csv").write_text(DOUBTFUL)
    run = run_with_key(programme)
    assert run.status == 1
    assert "order_ids_are_not_rounded" in run.screen
    for text in PERSONAL:
        assert text.lower() not in run.screen.lower()
    assert find_leaks(programme, (*PERSONAL, KEY)) == {}


@SLOW
def test_no_customer_and_no_key_is_in_anything_that_was_made(forgotten: Run):
    assert forgotten.status == 0, forgotten.screen
    assert find_leaks(forgotten.programme, (*PERSONAL, KEY)) == {}
    assert forgotten.query("select order_id, customer_id is null from results.orders order by all") == [
        ("1", True),
        ("2", False),
        ("3", False),
        ("8", True),
    ]


@SLOW
def test_an_erased_person_is_in_no_file_but_those_of_landing_and_revenue_is_unchanged(forgotten: Run):
    """40.00 less 5.00, 61.00 (the later row of order 2) and 20.00 are 116.00, with or without Jo's name on them; order 8 is 0."""
    pseudonym = hmac.new(KEY.encode(), JO.lower().encode(), hashlib.sha256).hexdigest()[:32]
    found = find_files_that_name(forgotten.programme, [JO, pseudonym])
    assert {file.parent for file in found} == {forgotten.programme / "landing"}
    shown = forgotten.screen.split("landing/ is never changed")[1]
    assert {file.name for file in found} == {line.split("/")[-1] for line in shown.splitlines() if "  landing/" in line}
    assert "Erased: no file derived from landing identifies them." in shown
    assert forgotten.query("select sum(net_revenue), count(*) from results.orders") == [(116, 4)]
    assert "4 orders, net revenue 116.00 EUR; raw and marts agree to the cent" in forgotten.screen
    assert forgotten.query("select count(*) from relationships.advocates where person_id = '" + pseudonym + "'") == [
        (0,)
    ]


@SLOW
def test_a_cent_too_much_in_a_mart_blocks_the_publishing_and_is_named(forgotten: Run):
    """A whole run would build the mart again, so only its check is run, and the step that publishes."""
    programme = forgotten.programme
    before = (programme / "published" / "marts.duckdb").read_bytes()
    with duckdb.connect(programme / "warehouse" / "warehouse.duckdb") as warehouse:
        warehouse.execute("update results.orders set net_revenue = net_revenue + 0.01 where order_id = '3'")
    blocked = subprocess.run(
        [sys.executable, "-m", "tests.nightly.check_and_publish"],
        cwd=REPOSITORY,
        env={
            **os.environ,
            **{"PROGRAMME": str(programme), "DAGSTER_HOME": str(programme / "warehouse" / "dagster")},
            **{"AS_OF": TODAY, "PSEUDONYM_KEY": KEY},
        },
        capture_output=True,
        text=True,
    )
    assert blocked.returncode == 1, blocked.stderr
    assert "net_revenue_is_what_was_delivered" in blocked.stdout
    assert "results.orders, all orders: net revenue is 116.01 EUR instead of 116.00: +0.01 EUR" in blocked.stdout
    assert (programme / "published" / "marts.duckdb").read_bytes() == before
