"""What `make onboard` makes of exports that nobody described: right, or an honest question."""

from pathlib import Path

import openpyxl
import pytest

from orchestration.landing.onboarding.proposal import Answer, propose
from orchestration.landing.refusals import FileRefused
from orchestration.programme.contract import read_contract, read_formats
from orchestration.programme.extracts import TO_FILL_IN

REPOSITORY = Path(__file__).parents[3]
FIXTURES = REPOSITORY / "tests" / "formats"
SAMPLE = REPOSITORY / "sample" / "programme" / "landing"
REAL = REPOSITORY.parent / "shared" / "real"


@pytest.fixture
def ask(tmp_path: Path):
    def propose_text(name: str, text: str | bytes, feeds: tuple[str, ...] = (), **given: str | int) -> Answer:
        file = tmp_path / name
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return look(file, tmp_path, feeds, **given)

    return propose_text


def look(file: Path, tmp_path: Path, feeds: tuple[str, ...] = (), **given: str | int) -> Answer:
    workspace = tmp_path / "workspace"
    workspace.mkdir(exist_ok=True)
    return propose(file, f"landing/{file.name}", workspace, feeds, given)


def name_tables(answer: Answer) -> list[str]:
    return [proposal.table.name for proposal in answer.proposals]


INFLUENCERS = (
    "ID,name,category,tier,platform\n1,Ada,beauty,macro,instagram\n2,Bo,food,micro,tiktok\n3,Cy,food,nano,instagram\n"
)


def test_a_list_of_influencers_is_asked_about_and_partners_come_first(ask):
    answer = ask("influencers.csv", INFLUENCERS)
    assert answer.proposals == ()
    first, second = answer.candidates[:2]
    assert (first.extract.name, second.extract.name) == ("partners", "campaigns")
    assert first.headers == {"partner_id": "ID", "name": "name", "topics": "category"}
    assert "surveys" not in {guess.extract.name for guess in answer.candidates}


def test_an_experiment_is_no_conversions(ask):
    answer = ask(
        "test.csv",
        "user_id,group,converted,revenue,date\nu1,treatment,1,24.50,2026-03-01\nu2,control,0,0.00,2026-03-01\nu3,control,1,9.00,2026-03-02\n",
    )
    assert answer.proposals == ()
    assert answer.candidates[0].extract.name == "experiment_outcomes"
    assert answer.candidates[0].missing == ("experiment_id",)
    [proposal] = ask(
        "test.csv",
        (answer_text := "user_id,group,revenue\nu1,treatment,24.50\nu2,control,0\n"),
        ("experiment_outcomes",),
    ).proposals
    assert answer_text and proposal.entry["values"] == {"experiment_id": TO_FILL_IN}


def test_codes_with_an_owner_are_codes_and_not_campaigns(tmp_path):
    [proposal] = look(SAMPLE / "crm" / "codes.csv", tmp_path).proposals
    assert proposal.entry["feeds"] == "codes"
    assert proposal.entry["columns"] == {
        "code": "Code",
        "partner_id": "Owner",
        "campaign_id": "Campaign",
        "valid_from": "From",
        "valid_to": "Until",
    }


AFFILIATES = """\
tracking_id,transaction_date,creator,order_id,amount,payout,status
T1,2026-03-01,ada,1001,40.00,4.00,paid
T2,2026-03-02,bo,1002,60.00,6.00,in dispute
T3,2026-03-03,ada,1003,25.00,2.50,refunded
"""


def test_synonyms_and_a_vendors_words_are_recognised(ask):
    [proposal] = ask("export.csv", AFFILIATES).proposals
    assert proposal.entry["feeds"] == "conversions"
    assert proposal.entry["columns"] == {
        "conversion_id": "tracking_id",
        "converted_at": "transaction_date",
        "partner_id": "creator",
        "revenue": "amount",
        "commission": "payout",
        "state": "status",
    }
    assert proposal.entry["map"] == {"state": {"in dispute": TO_FILL_IN, "paid": "approved", "refunded": "reversed"}}
    assert proposal.missing == ("map of state",)


def test_orders_that_say_who_brought_them_are_two_entries(ask):
    answer = ask(
        "shop.csv",
        "Order ID,Created at,Total,Affiliate ID\n1001,2026-03-01 10:00,40.00,ada\n1002,2026-03-02 11:00,60.00,bo\n1003,2026-03-03 12:00,25.00,\n",
    )
    orders, conversions = (proposal.entry for proposal in answer.proposals)
    assert (orders["feeds"], conversions["feeds"]) == ("orders", "conversions")
    assert orders["columns"] == {"order_id": "Order ID", "ordered_at": "Created at", "net": "Total"}
    assert conversions["columns"]["conversion_id"] == conversions["columns"]["order_id"] == "Order ID"
    # An order that nobody brought is no conversion.
    assert conversions["drop"] == {"Affiliate ID": [""]}


def test_rows_that_no_partner_brought_are_asked_about(ask):
    [proposal] = ask(
        "tracking.csv",
        "conversion_id,converted_at,order_id,campaign_id,source,revenue\nk1,2026-03-01,1001,spring,influencer,40.00\n"
        "k2,2026-03-02,1002,spring,Organic,60.00\nk3,2026-03-02,1003,spring,email,60.00\n",
        ("conversions",),
    ).proposals
    assert proposal.entry["keep"] == {"source": TO_FILL_IN}
    assert proposal.missing == ("keep of source",)
    [note] = [note for note in proposal.notes if "keep" in note]
    assert note.startswith("source says where each row comes from: Organic, email, influencer. Write under `keep`")
    assert "keep" not in proposal.fill_placeholders()


def test_the_claims_of_an_affiliate_tool_are_not_the_orders_of_a_shop(ask):
    assert name_tables(ask("export.csv", AFFILIATES)) == ["conversions"]


@pytest.mark.parametrize(
    ("name", "text", "tables", "part"),
    [
        (
            "costs.csv",
            "influencer,amount,paid_on\n42,100,2026-03-01\n42,150,2026-03-15\n43,100,2026-03-15\n",
            ["costs"],
            {"columns": {"partner_id": "influencer"}, "ids": {"cost_id": "row"}},
        ),
        (
            "invites.csv",
            "Inviter,Invitee email,Invited at,Joined\nc-1,a@x.example,2026-03-01,yes\nc-1,b@x.example,2026-03-01,no\nc-2,d@x.example,2026-03-02,yes\n",
            ["referrals"],
            {"ids": {"referral_id": "row"}},
        ),
        (
            "shop.csv",
            "order_number,created_at,email,total_cents,currency,coupon_code\n9001,1773568000000,a@x.example,5000,EUR,ADA10\n9002,1773568100000,b@x.example,2500,EUR,\n",
            ["orders"],
            {"units": {"ordered_at": "epoch_ms", "net": "cents"}},
        ),
        (
            "bestellingen.csv",
            "Order;Date;Customer;Net amount\n1;31/03/2026;c1;1.040,00\n2;01/04/2026;c2;24,50\n",
            ["orders"],
            {"delimiter": ";", "decimal": ",", "date_order": "day-month"},
        ),
        (
            "nps.csv",
            "Response ID,Submitted at,Email,Score,Comment\nr1,2026-03-01 10:00:00,a@x.example,9,great\nr2,2026-03-02 10:00:00,b@x.example,3,meh\n",
            ["recommendations"],
            {
                "columns": {
                    "response_id": "Response ID",
                    "customer_id": "Email",
                    "answered_at": "Submitted at",
                    "answer": "Score",
                }
            },
        ),
        (
            "heard.csv",
            "Order number,Created at,Customer email,How did you hear about us?\n1001,2026-03-01,a@x.example,Instagram\n1002,2026-03-02,b@x.example,a friend\n",
            ["surveys"],
            {"ids": {"response_id": "row"}},
        ),
        (
            "report.csv",
            "Creator,Post URL,Published date,Network,Exported at,Impressions,Likes\nada,https://i.example/p/1,2026-03-01,instagram,2026-04-01,1000,50\nbo,https://i.example/p/2,2026-03-02,tiktok,2026-04-01,2000,70\n",
            ["posts", "post_metrics"],
            {
                "columns": {
                    "post_id": "Post URL",
                    "partner_id": "Creator",
                    "platform": "Network",
                    "published_at": "Published date",
                    "url": "Post URL",
                }
            },
        ),
        (
            "creators.csv",
            "Contact,Email,Instagram Handle,Followers,Discount Code,Niche\nAda Li,ada@x.example,@ada,12000,ADA10,beauty\nBo Ek,bo@x.example,@bo,9000,,food\nCy Ro,cy@x.example,@cy,800,CY10,food\n",
            ["partners", "codes"],
            {
                "columns": {
                    "partner_id": "Instagram Handle",
                    "name": "Contact",
                    "customer_id": "Email",
                    "topics": "Niche",
                }
            },
        ),
        (
            "tickets.csv",
            "Ticket ID,Requester,Created at,First reply at,Subject\n1,ada,2026-03-01 10:00,2026-03-01 12:00,new code\n2,bo,2026-03-02 10:00,,payment\n",
            ["requests"],
            {},
        ),
        (
            "study.csv",
            "Respondent,Group,Question,Answer,Completed at\nr1,test,aware,1,2026-03-01\nr2,control,aware,0,2026-03-01\n",
            ["brand_lift_answers"],
            {
                "values": {"study_id": TO_FILL_IN},
                "map": {"cell": {"test": "exposed"}, "answer": {"0": "no", "1": "yes"}},
            },
        ),
        (
            "visits.csv",
            "session_id,visit_time,utm_source,utm_medium,landing_page\ns1,2026-03-01T10:00:00Z,instagram,influencer,/\ns2,2026-03-01T11:00:00Z,newsletter,email,/\n",
            ["clicks"],
            {"columns": {"click_id": "session_id", "clicked_at": "visit_time", "url": "landing_page"}},
        ),
        (
            "credit_notes.csv",
            "Credit note,Order number,Refund date,Refund amount,Currency\nCN1,1001,2026-03-05,10.00,EUR\nCN2,1002,2026-03-06,12.00,EUR\n",
            ["refunds"],
            {},
        ),
        # Shopify's discounts have a Name, a Start and an End, too.
        ("plan.csv", "Name,Start,End\nSpring,2026-03-01,2026-05-31\nSummer,2026-06-01,2026-08-31\n", ["campaigns"], {}),
        # Shopify's orders have a Name, a Created at and an Email, too.
        ("crm.csv", "Name,Created at,Email\nAda,2026-03-01,a@x.example\nBo,2026-03-02,b@x.example\n", [], {}),
        ("words.csv", "foo,bar\nx,y\n", [], {}),
    ],
)
def test_an_invented_export_is_recognised_or_asked_about(ask, name: str, text: str, tables: list[str], part: dict):
    answer = ask(name, text)
    assert name_tables(answer) == tables
    if tables:
        assert {key: answer.proposals[0].entry.get(key) for key in part} == part


def test_what_can_be_read_in_two_ways_is_left_to_fill_in(ask):
    [proposal] = ask("o.csv", "Order,Date,Net amount\n1,03/04/2026,1.234\n2,05/04/2026,2.500\n").proposals
    assert (proposal.entry["date_order"], proposal.entry["decimal"]) == (TO_FILL_IN, TO_FILL_IN)
    assert proposal.missing == ("decimal", "date_order")
    # One date such as 31/03 and one amount such as 12.5 settle it.
    [settled] = ask("o.csv", "Order,Date,Net amount\n1,03/31/2026,1.234\n2,03/04/2026,12.5\n").proposals
    assert settled.entry["date_order"] == "month-day" and "decimal" not in settled.entry


def test_a_workbook_knows_what_its_numbers_are(tmp_path):
    book = openpyxl.Workbook()
    for row in (["Order", "Order date", "Net amount"], ["1", "2026-03-01", 1.234], ["2", "2026-03-02", 2.125]):
        book.active.append(row)
    book.save(file := tmp_path / "orders.xlsx")
    [proposal] = look(file, tmp_path).proposals
    assert "decimal" not in proposal.entry and proposal.missing == ()


def test_a_header_without_rows_is_enough_where_the_names_are_clear(ask):
    assert name_tables(ask("codes.csv", "code,partner_id\n")) == ["codes"]
    assert ask("nothing.csv", "").headers == ()


def test_no_unique_column_is_said_and_a_unique_one_is_named(ask):
    rows = "influencer,amount,paid_on\n42,100,2026-03-01\n42,150,2026-03-01\n43,100,2026-03-02\n42,100,2026-03-01\n"
    [proposal] = ask("costs.csv", rows).proposals
    assert "No column is unique: use ids: {cost_id: row}, so that each row counts" in proposal.notes
    text = "influencer,amount,paid_on,Beleg\n42,100,2026-03-01,b1\n42,150,2026-03-01,b2\n43,100,2026-03-02,b3\n"
    [proposal] = ask("costs.csv", text).proposals
    assert any("Beleg, in which no value repeats" in note for note in proposal.notes)


def test_an_id_that_many_rows_share_is_the_row_and_not_that_column(ask):
    rows = "".join(f"T{n % 3},2026-03-0{n},ada,{n}.00\n" for n in range(1, 9))
    [proposal] = ask("c.csv", f"transaction_id,transaction_date,affiliate,commission\n{rows}").proposals
    assert proposal.entry["ids"] == {"conversion_id": "row"}
    assert "conversion_id" not in proposal.entry["columns"]


def test_a_table_with_many_rows_an_order_is_not_taken_for_orders(ask):
    rows = "".join(f"{1 + n // 4},2026-03-01,{n}.00\n" for n in range(12))
    answer = ask("lines.csv", f"Order number,Order date,Line total\n{rows}")
    assert answer.proposals == ()


def test_a_header_that_fits_by_name_only_is_not_used(ask):
    answer = ask(
        "c.csv",
        "transaction_id,transaction_date,affiliate,commission\nT1,spring,ada,4.00\nT2,autumn,bo,2.00\n",
        ("conversions",),
    )
    [proposal] = answer.proposals
    assert proposal.entry["columns"]["converted_at"] == TO_FILL_IN
    assert any(
        "transaction_date may be converted_at by its name" in note and "'spring'" in note for note in proposal.notes
    )


def test_title_rows_above_the_header_are_found(ask):
    text = "Influencer payouts\nSpring 2026\n\nInfluencer,Invoice,Payment date,Fee\nada,INV-1,2026-03-01,100.00\nbo,INV-2,2026-03-02,150.00\n"
    answer = ask("payouts.csv", text)
    [proposal] = answer.proposals
    assert (proposal.entry["feeds"], proposal.entry["skip_rows"]) == ("costs", 3)
    assert any("row 4 looks like the header: SKIP_ROWS=3" in note for note in answer.layout.notes)


def test_title_rows_and_another_delimiter_are_found_together(ask):
    answer = ask("payouts.csv", "Payouts, spring\nInfluencer;Invoice;Payment date;Fee\nada;INV-1;2026-03-01;100,00\n")
    assert answer.layout.options == {"skip_rows": 1, "delimiter": ";"}


def test_given_options_are_used_and_written_into_the_entry(ask):
    text = "Überschrift\nVoucher#Besitzer\nCAFE10#Zoé\n".encode("windows-1252")
    [proposal] = ask("codes.csv", text, ("codes",), encoding="windows-1252", skip_rows=1, delimiter="#").proposals
    given = {name: proposal.entry[name] for name in ("encoding", "skip_rows", "delimiter")}
    assert given == {"encoding": "windows-1252", "skip_rows": 1, "delimiter": "#"}
    assert proposal.entry["columns"]["code"] == "Voucher"


def test_a_file_that_is_not_utf8_says_which_option_to_give(ask):
    with pytest.raises(FileRefused, match="ENCODING=windows-1252"):
        ask("codes.csv", "code,owner\nCAFÉ,p1\n".encode("windows-1252"))


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    notes = book.active
    notes.title = "Notes"
    notes.append(["Product is booked at cost price."])
    payments = book.create_sheet("Payments")
    for row in (
        ["Partner programme"],
        ["as of July"],
        ["Invoice", "Payment date", "Influencer", "Fee"],
        ["I-1", "2026-03-01", "ada", 100],
    ):
        payments.append(row)
    other = book.create_sheet("Codes")
    other.append(["Discount code", "Owner"])
    other.append(["ADA10", "ada"])
    book.save(file := tmp_path / "finance.xlsx")
    return file


def test_the_sheet_with_the_table_and_its_header_are_found(workbook: Path, tmp_path: Path):
    answer = look(workbook, tmp_path)
    [proposal] = answer.proposals
    assert (proposal.entry["feeds"], proposal.entry["sheet"], proposal.entry["skip_rows"]) == ("costs", "Payments", 2)
    assert "Notes, Payments, Codes" in answer.layout.notes[0]
    assert "row 3 looks like the header: SKIP_ROWS=2" in answer.layout.notes[1]


@pytest.mark.parametrize("sheet", ["Codes", 3])
def test_another_sheet_can_be_chosen(workbook: Path, tmp_path: Path, sheet: str | int):
    [proposal] = look(workbook, tmp_path, sheet=sheet).proposals
    assert (proposal.entry["feeds"], proposal.entry["sheet"]) == ("codes", sheet)
    with pytest.raises(FileRefused, match="Notes, Payments, Codes"):
        look(workbook, tmp_path, sheet="Kosten")


@pytest.mark.parametrize("name", sorted(read_formats()))
def test_every_fixture_of_a_format_is_recognised(name: str, tmp_path: Path):
    for number, file in enumerate(sorted((FIXTURES / name / "export").iterdir())):
        (place := tmp_path / str(number)).mkdir()
        assert [proposal.entry["format"] for proposal in look(file, place).proposals] == [name], file.name


SAMPLE_FILES = {
    "affiliate/conversions_2026-04-01.csv": ["conversions"],
    "crm/campaigns.json": ["campaigns"],
    "crm/partners_2025-11-03.csv": ["partners"],
    "crm/referrals.csv": ["referrals"],
    "crm/requests.csv": ["requests"],
    "experiments/experiments.csv": ["experiments"],
    "experiments/outcomes.csv": ["experiment_outcomes"],
    "finance/costs.xlsx": ["costs"],
    "shop_eu/orders_2025-11.csv": ["orders"],
    "shop_eu/refunds_2025-11.csv": ["refunds"],
    "shop_us/orders.jsonl.gz": ["orders"],
    "shop_us/refunds.csv": ["refunds"],
    "stand_london/orders.csv": ["orders"],
    "stand_london/customers.csv": ["customers"],
    "crm/links.csv": ["links"],
    "finance/pounds.csv": ["exchange_rates"],
    "social/channels_2025-11-30.jsonl": ["posts", "post_metrics"],
    "social/followers.tsv": ["audiences"],
    "social/instagram_2025-11-30.csv": ["posts", "post_metrics"],
    "surveys/brand_lift.csv": ["brand_lift_answers"],
    "surveys/heard_from.csv": ["surveys"],
    "surveys/would_recommend.csv": ["recommendations"],
    "tracking/visits.parquet": ["clicks"],
}


@pytest.mark.parametrize(("name", "tables"), SAMPLE_FILES.items())
def test_every_file_of_the_sample_is_recognised(name: str, tables: list[str], tmp_path: Path):
    answer = look(SAMPLE / name, tmp_path)
    assert name_tables(answer) == tables
    assert not any(proposal.missing for proposal in answer.proposals)


REAL_FILES = {
    "grocery_coupons/baskets.csv": ["orders"],
    "grocery_coupons/redemptions.csv": ["conversions"],
    "grocery_coupons/mailings.csv": ["campaigns"],
    "geolift/GeoLift_Test.csv": [],
    "social_connectors/youtube_video_data.csv": ["posts", "post_metrics"],
    "social_connectors/facebook_pages_lifetime_post_metrics_total_data.csv": ["post_metrics"],
    "social_connectors/linkedin_pages_organization_data.csv": [],
}


@pytest.mark.skipif(not REAL.is_dir(), reason=f"real exports are not at {REAL}")
@pytest.mark.parametrize(("name", "tables"), REAL_FILES.items())
def test_real_exports_are_recognised_or_asked_about(name: str, tables: list[str], tmp_path: Path):
    answer = look(REAL / name, tmp_path)
    assert name_tables(answer) == tables
    if name.startswith("geolift"):
        assert answer.candidates[0].headers == {"unit_id": "location", "observed_on": "date", "value": "Y"}


def test_onboarding_hints_name_columns_and_extracts_that_exist():
    extracts = read_contract()
    for extract in extracts.values():
        assert set(extract.needs_one_of) <= set(extract.column_names)
        assert set(extract.often_with) <= set(extracts)
        for column in extract.columns:
            assert {ours for ours, _ in column.words} <= set(column.accepted)
