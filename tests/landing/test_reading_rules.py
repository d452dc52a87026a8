"""What is read without being asked, and what is refused because two readings are possible."""

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.landing.delivery import Delivery
from orchestration.landing.reading.empty_words import EMPTY_WORDS
from orchestration.landing.reading.numbers import read_currency_signs
from orchestration.programme.contract import read_contract, read_formats

DOUBT = "can be read in two ways: the dot may be a decimal sign or separate thousands"
ROUNDED = "was rounded by a spreadsheet, so it names nothing any more"
TOTALS = "is the first cell of a totals row, which would count the other rows twice"


def load(bench, text: str, options: str = "") -> Delivery:
    """Land order lines of `Order,Date,Net` and give the delivery."""
    columns = "columns: {order_id: Order, ordered_at: Date, net: Net, currency: Currency}" if "Currency" in text else ""
    columns = columns or "columns: {order_id: Order, ordered_at: Date, net: Net}"
    bench.declare(f"extracts:\n  - files: landing/*.csv\n    feeds: orders\n    {columns}\n    {options}\n")
    bench.write("landing/orders.csv", text)
    [delivery] = bench.land().deliveries
    return delivery


def list_orders(*amounts: str) -> str:
    return "Order,Date,Net\n" + "".join(f'{row},2026-03-01,"{amount}"\n' for row, amount in enumerate(amounts, start=1))


@pytest.mark.parametrize(
    ("amounts", "options", "read"),
    [
        (["€1,234.50", "EUR 12.00", "12,00 €", "-€5", "€ -5.10", "7.5EUR"], "",
         ["1234.50", "12.00", "12.00", "-5", "-5.10", "7.5"]),
        (["12,00 €", "1.234,50 €", "€ 1.234"], "decimal: ','", ["12,00", "1234,50", "1234"]),
        (["1,23,456.00", "12,34,567.89"], "", ["123456.00", "1234567.89"]),
        (["1,23,456.00", "1,234"], "decimal: .", ["123456.00", "1,234"]),
        (["1.23.456,00"], "decimal: ','", ["123456,00"]),
        (["1,234.50", "1,234,567", "1,234"], "", ["1234.50", "1234567", "1234"]),
        (["1 234,50", "1\u00a0234\u00a0567,00", "1'234.50"], "", ["1234.50", "1234567.00", "1234.50"]),
        (["'-30", "'1,234.50", "'+2"], "", ["-30", "1234.50", "+2"]),
        (["1.234", "12.5"], "", ["1.234", "12.5"]),
        (["0.234", "1.234"], "", ["0.234", "1.234"]),
        (["1.234", "2.500"], "decimal: .", ["1.234", "2.500"]),
        (["1.234.567", "5"], "", ["1234567", "5"]),
    ],
)  # fmt: skip
def test_an_amount_is_read_where_only_one_reading_is_possible(bench, amounts, options, read):
    delivery = load(bench, list_orders(*amounts), options)
    assert [net for (net,) in bench.select("net")] == read
    changed = sum(before != after for before, after in zip(amounts, read, strict=True))
    assert delivery.changed_by_rule == ({"number: net": changed} if changed else {})


@pytest.mark.parametrize(
    ("amounts", "options", "refused"),
    [
        (["1.234", "2.500", "7"], "", ["1.234", "2.500"]),
        (["1.234", "12.5", "12,5"], "", ["1.234", "12,5"]),
        (["€1.234", "5"], "", ["€1.234"]),
        (
            ["(12.00)", "€(12.00)", "EUR 12 €", "12 EURO", "- -5"],
            "",
            ["(12.00)", "- -5", "12 EURO", "EUR 12 €", "€(12.00)"],
        ),
        (["12,50", "1,5"], "", ["1,5", "12,50"]),
        (["12,50", "1 234,567"], "decimal: .", ["1 234,567", "12,50"]),
        (["1,234.50"], "decimal: ','", ["1,234.50"]),
        (["1 2", "1 23 456"], "", ["1 2", "1 23 456"]),
    ],
)
def test_an_amount_is_refused_where_two_readings_are_possible(bench, amounts, options, refused):
    load(bench, list_orders(*amounts), options)
    assert bench.select_quarantined("value") == [(value,) for value in refused]


def test_a_doubtful_amount_is_refused_with_the_option_that_settles_it(bench):
    load(bench, list_orders("1.234", "2.500"))
    assert (
        bench.select_quarantined("reason, what_to_do") == [(DOUBT, "declare decimal: '.' or ',' in extracts.yml")] * 2
    )


def test_counts_and_numbers_are_judged_as_amounts_are(bench):
    bench.declare(
        "extracts:\n  - {files: landing/m.csv, feeds: post_metrics}\n"
        "  - {files: landing/v.csv, feeds: experiment_outcomes}\n"
    )
    bench.write("landing/m.csv", 'post_id,observed_at,reach,likes\n1,2026-03-01,1.000,"40,100"\n2,2026-03-01,7,12.0\n')
    bench.write("landing/v.csv", "experiment_id,unit_id,arm,value\ne,1,control,0.125\ne,2,control,1.234\n")
    bench.land()
    assert bench.select_quarantined('"column", value, reason') == [("reach", "1.000", DOUBT)]
    assert bench.select("likes", "post_metrics") == [("12.0",)]
    assert bench.select("value", "experiment_outcomes") == [("0.125",), ("1.234",)]


def test_five_rows_of_rupees(bench):
    """They were all quarantined, and published as 0 orders."""
    bench.write("plan.yml", "programme: N\ncurrency: INR\ntimezone: Asia/Kolkata\n")
    delivery = load(bench, list_orders(*["₹1,234.50"] * 5))
    assert delivery.rows_kept == 5
    assert delivery.money_kept == "6172.50"


def test_a_sign_that_contradicts_the_currency_of_the_row_is_refused(bench):
    """The row's currency is its own, else the entry's, else the reporting currency, which is the euro."""
    rows = ("$5,USD", "$6,CAD", "$7,EUR", "USD 8,CAD", "₹9,", "€10,", "kr 11,DKK", "R$12,BRL", "C$13,USD")
    load(bench, "Order,Date,Net,Currency\n" + "".join(f"{n},2026-03-01,{row}\n" for n, row in enumerate(rows)))
    assert bench.select("net") == [("5",), ("6",), ("10",), ("11",), ("12",)]
    refused = bench.select_quarantined("value, reason, what_to_do")
    assert [value for value, _, _ in refused] == ["$7", "C$13", "USD 8", "₹9"]
    assert {reason for _, reason, _ in refused} == {"has a currency sign that contradicts the row's currency"}
    assert refused[0][2] == "correct the currency of the row, which is EUR, or the sign"


def test_the_entrys_currency_is_that_of_its_rows(bench):
    load(bench, list_orders("£5", "€6"), "values: {currency: GBP}")
    assert bench.select("net") == [("5",)]


def test_every_sign_is_read_before_and_after_an_amount(bench):
    signs = list(read_currency_signs())
    rows = [(f"{sign} 5", codes[0]) for sign, codes in read_currency_signs().items()]
    rows += [(f"5{sign.lower()}", codes[0]) for sign, codes in read_currency_signs().items()]
    text = "".join(f"{n},2026-03-01,{amount},{code}\n" for n, (amount, code) in enumerate(rows))
    delivery = load(bench, "Order,Date,Net,Currency\n" + text)
    assert delivery.rows_kept == 2 * len(signs)
    assert set(bench.select("net")) == {("5",)}


def test_numbers_of_a_workbook_json_or_parquet_need_no_decimal_sign(bench):
    bench.declare(
        "extracts:\n  - files: landing/*\n    feeds: orders\n    columns: {order_id: Order, ordered_at: Date, net: Net}\n"
    )
    rows = [("1", "2026-03-01", 1.234), ("2", "2026-03-01", 2.5), ("3", "2026-03-01", 3.125)]
    workbook = openpyxl.Workbook()
    for row in (("Order", "Date", "Net"), rows[0], rows[2], ("4", "2026-03-01", "n/a")):
        workbook.active.append(row)
    workbook.save(bench.path / "landing" / "a.xlsx")
    pq.write_table(
        pa.table({"Order": ["5"], "Date": ["2026-03-01"], "Net": [1.234]}), bench.path / "landing" / "b.parquet"
    )
    bench.write("landing/c.json", '[{"Order": 6, "Date": "2026-03-01", "Net": 1.234}]')
    bench.write("landing/d.json", '[{"Order": 7, "Date": "2026-03-01", "Net": "1.234"}]')
    bench.land()
    found = bench.query("select order_id, net from t order by order_id", "raw/orders/*.parquet")
    assert found == [("1", "1.234"), ("3", "3.125"), ("5", "1.234"), ("6", "1.234")]
    assert bench.select_quarantined("value, reason") == [
        ("1.234", DOUBT),
        ("n/a", "is empty, and net is required"),
    ]


def test_partner_ids_as_pandas_writes_them(bench):
    """`nan` and `N/A` are no partners; 42.0 is partner 42 where every value of the column is written so."""
    entry = "extracts:\n  - files: landing/*.csv\n    feeds: conversions\n"
    header = "conversion_id,converted_at,partner_id\n"
    bench.declare(entry)
    bench.write("landing/a.csv", header + "1,2026-03-01,nan\n2,2026-03-01,42.0\n3,2026-03-01,N/A\n4,2026-03-01,7.0\n")
    bench.write("landing/b.csv", header + "5,2026-03-01,nan\n6,2026-03-01,42.0\n7,2026-03-01,inf001\n8,2026-03-01,\n")
    first, second = bench.land().deliveries
    found = dict(bench.query("select conversion_id, partner_id from t", "raw/conversions/*.parquet"))
    assert found == {"1": None, "2": "42", "3": None, "4": "7", "5": None, "6": "42.0", "7": "inf001", "8": None}
    assert first.changed_by_rule == {"empty: partner_id": 2, "ends in .0: partner_id": 2}
    assert second.changed_by_rule == {"empty: partner_id": 1}


def test_only_ids_lose_the_zero(bench):
    bench.declare("extracts:\n  - files: landing/*.csv\n    feeds: surveys\n")
    bench.write("landing/a.csv", "response_id,answer,order_id\n1.0,5.0,2041.0\n2.0,4.0,\n")
    bench.land()
    assert bench.select("response_id, answer, order_id", "surveys") == [("1", "5.0", "2041"), ("2", "4.0", None)]


@pytest.mark.parametrize("word", EMPTY_WORDS)
def test_a_word_that_pandas_reads_as_empty_is_no_customer(bench, word):
    bench.declare("extracts:\n  - files: landing/*.csv\n    feeds: orders\n")
    bench.write("landing/a.csv", f"order_id,ordered_at,net,customer_id\n1,2026-03-01,5,{word}\n2,2026-03-02,6,{word}\n")
    bench.land()
    assert bench.select("customer_id") == [(None,), (None,)]


def test_words_for_empty_are_values_in_names_codes_free_text_and_regions(bench):
    bench.declare(
        "extracts:\n  - {files: landing/p.csv, feeds: partners}\n  - {files: landing/c.csv, feeds: codes}\n"
        "  - {files: landing/s.csv, feeds: surveys}\n  - {files: landing/o.csv, feeds: experiment_outcomes}\n"
    )
    bench.write("landing/p.csv", "partner_id,name,topics,relationship,joined_at\nna1,Nan,None,NA,NaN\n")
    bench.write("landing/c.csv", "code,partner_id\nNULL,na1\n")
    bench.write("landing/s.csv", "response_id,answer\n1,None\n")
    bench.write("landing/o.csv", "experiment_id,unit_id,arm,value\ne,NA,control,1\ne,nan,control,1\n")
    bench.land()
    assert bench.select("name, topics, relationship, joined_at", "partners") == [("Nan", "None", None, None)]
    assert bench.select("code", "codes") == [("NULL",)]
    assert bench.select("answer", "surveys") == [("None",)]
    # NA is Namibia, or North America; `nan` is neither.
    assert bench.select("unit_id", "experiment_outcomes") == [("NA",)]
    assert bench.select_quarantined('"column", reason') == [("unit_id", "is empty, and unit_id is required")]


@pytest.mark.parametrize(
    "last", ["Total,,,31,1450.00", ",,Grand total,31,1450.00", '" SUM: ",,,,1450.00', ",,,Summe,1450.00"]
)
def test_a_row_of_totals_is_quarantined_with_the_option_that_leaves_it_out(bench, last):
    """It was a cost of its own where the day comes from the entry, so that everything counted twice."""
    bench.declare(
        "extracts:\n  - files: landing/*.csv\n    feeds: costs\n    values: {paid_on: '2026-03-31'}\n"
        "    columns: {partner_id: Partner, amount: Payout}\n    ids: {cost_id: row}\n"
    )
    bench.write(
        "landing/payouts.csv",
        f"Partner,Country,Period,Sales,Payout\nmira,BE,March,11,450.00\nbo,BE,March,20,1000.00\n{last}\n",
    )
    [delivery] = bench.land().deliveries
    assert (delivery.rows_kept, delivery.rows_quarantined, delivery.money_kept) == (2, 1, "1450.00")
    [(line, column, value, reason, remedy)] = bench.select_quarantined('line, "column", value, reason, what_to_do')
    assert (line, column, reason) == (4, None, TOTALS)
    word = next(cell.strip('" ') for cell in last.split(",") if cell)
    header = ("Partner", "Country", "Period", "Sales")[last.split(",").index(next(c for c in last.split(",") if c))]
    assert value == word
    assert remedy == f"leave such rows out with drop: {{{header}: [{word}]}} in extracts.yml"


def test_a_word_for_totals_elsewhere_is_a_value(bench):
    bench.declare("extracts:\n  - files: landing/*.csv\n    feeds: partners\n")
    bench.write("landing/p.csv", "partner_id,name\np1,Total\nTotalEnergies,x\nSummer,y\n")
    assert [delivery.rows_kept for delivery in bench.land().deliveries] == [3]


def test_rows_of_totals_are_read_where_the_entry_keeps_them(bench):
    bench.declare(
        "extracts:\n  - files: landing/*.csv\n    feeds: orders\n    keep: {Breakdown: [Total]}\n"
        "    columns: {order_id: Order, ordered_at: Date, net: Net}\n"
    )
    bench.write("landing/o.csv", "Breakdown,Order,Date,Net\nTotal,1,2026-03-01,10\nmen,1,2026-03-01,4\n")
    [delivery] = bench.land().deliveries
    assert bench.select("order_id, net") == [("1", "10")]
    assert delivery.dropped_by_rule == {"keep: Breakdown": 1}


@pytest.mark.parametrize("value", ["6.09758E+12", "6,09758E+12", "6.1e+12", "6E+12"])
@pytest.mark.parametrize(
    ("entry", "header", "row"),
    [
        ("feeds: orders", "order_id,ordered_at,net", '"{}",2026-03-01,5'),
        ("feeds: post_metrics", "post_id,observed_at,likes", '"{}",2026-03-01,5'),
        ("feeds: clicks", "click_id,clicked_at,customer_id", 'c,2026-03-01,"{}"'),
        ("format: shopify_orders\n    values: {shop: eu}", "Name,Id,Created at", '#1,"{}",2026-03-01 10:00:00 +0100'),
        ("feeds: posts\n    ids: {post_id: [Id, Day]}", "Id,Day", '"{}",2026-03-01'),
    ],
    ids=["orders", "post_metrics", "clicks", "shopify_orders", "composite"],
)
def test_an_id_that_a_spreadsheet_has_rounded_is_refused(bench, entry, header, row, value):
    bench.declare(f"extracts:\n  - files: landing/*.csv\n    {entry}\n")
    bench.write("landing/a.csv", f"{header}\n{row.format(value)}\n")
    [delivery] = bench.land().deliveries
    assert (delivery.rows_kept, delivery.rows_quarantined) == (0, 1)
    assert bench.select_quarantined("reason") == [(ROUNDED,)]


def test_every_extract_and_format_has_ids_and_all_of_them_are_checked():
    for table in (*read_contract().values(), *read_formats().values()):
        ids = {column.name for column in table.columns if column.is_id}
        # A rate is known by its currency and day.
        assert ids or table.name.endswith("exchange_rates"), table.name
        assert {name for name in table.column_names if name.endswith("_id")} <= ids, table.name


def test_a_file_that_needs_no_rule_goes_to_raw_as_it_is(bench):
    delivery = load(bench, "Order,Date,Net\nE+1,2026-03-01,10\n2.0,2026-03-01, 7.25 \n")
    assert bench.select("order_id, net") == [("E+1", "10"), ("2.0", " 7.25 ")]
    assert (delivery.changed_by_rule, delivery.dropped_by_rule) == ({}, {})
