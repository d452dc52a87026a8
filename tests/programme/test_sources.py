"""`from:` in extracts.yml: what can be pulled from which connection, and what is refused."""

from pathlib import Path

import pytest

from orchestration.programme import Entry, ProgrammeError, read_programme

SETTINGS = """\
connections:
  shop_db: postgresql://${U}:${P}@h/shop
  lake: s3://bucket/prefix
  tracker: https://api.example/v1
"""


def read(folder: Path, *entries: str) -> tuple[Entry, ...]:
    (folder / "landing").mkdir(exist_ok=True)
    (folder / "plan.yml").write_text("programme: N\ncurrency: EUR\ntimezone: UTC\n")
    (folder / "settings.yml").write_text(SETTINGS)
    (folder / "extracts.yml").write_text("extracts:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries))
    return read_programme(folder).entries


@pytest.mark.parametrize(
    ("entry", "pattern", "delivery"),
    [
        ("from: shop_db, table: public.orders, feeds: orders", "landing/pulled/shop_db/orders/*-", "snapshot"),
        ("from: shop_db, table: orders, cursor: id, feeds: orders, name: o", "landing/pulled/shop_db/o/*-", "append"),
        (
            "from: shop_db, query: select 1 as a, feeds: orders, delivery: append",
            "landing/pulled/shop_db/orders/*-",
            "append",
        ),
        ("from: lake, files: in/o_*.csv, feeds: orders", "landing/pulled/lake/orders/*/in/o_*.csv", "append"),
        ("from: tracker, api: {path: /v1/c}, feeds: orders", "landing/pulled/tracker/orders/*-", "snapshot"),
    ],
)
def test_what_is_pulled_has_a_folder_and_a_kind_of_delivery(tmp_path: Path, entry: str, pattern: str, delivery: str):
    [read_entry] = read(tmp_path, entry)
    assert read_entry.pattern.startswith(pattern) and read_entry.delivery == delivery


def test_another_table_query_or_cursor_makes_other_files(tmp_path: Path):
    entries = read(
        tmp_path,
        "from: shop_db, table: a, feeds: orders, name: a",
        "from: shop_db, table: b, feeds: orders, name: b",
        "from: shop_db, table: a, cursor: id, feeds: orders, name: c",
        "from: shop_db, table: a, cursor: id, feeds: orders, name: d, overlap: 3h, time_limit: 5, on_drop: stop",
    )
    first, second, third, fourth = (entry.source_mark for entry in entries)
    assert len({first, second, third}) == 3 and third == fourth
    assert all(mark.isalpha() and len(mark) == 8 for mark in (first, second, third))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("feeds: orders", "files is missing. Write `files: ...`, or `from:`"),
        ("files: landing/*, cursor: id, feeds: orders", "cursor is for what is pulled from a connection"),
        ("from: shop, table: a, feeds: orders", "settings.yml has no connection 'shop'. Did you mean 'shop_db'?"),
        ("from: shop_db, feeds: orders", "an entry with `from` does not say what to pull"),
        ("from: shop_db, table: a, query: select 1, feeds: orders", "an entry with `from` has table and query"),
        ("from: shop_db, files: a.csv, feeds: orders", "shop_db is a connection to postgresql, which has no `files`"),
        ("from: lake, table: a, feeds: orders", "lake is a connection to s3, which has no `table`"),
        ("from: lake, files: ../a.csv, feeds: orders", "files is '../a.csv', which is not below the connection's URL"),
        ("from: lake, files: a.csv, cursor: id, feeds: orders", "cursor is for a table or a query"),
        ("from: shop_db, table: a, delimiter: ;, feeds: orders", "delimiter is for files, and this entry pulls rows"),
        ("from: shop_db, table: a, cursor: b, delivery: snapshot, feeds: orders", "with a cursor each pull has only what is new"),
        ("from: shop_db, table: a, overlap: 3h, feeds: orders", "overlap is for a cursor, and there is none"),
        ("from: shop_db, table: a, cursor: b, overlap: long, feeds: orders", "overlap is no length of time"),
        ("from: shop_db, table: .orders, feeds: orders", "table is '.orders'"),
        ("from: shop_db, table: a, on_drop: ignore, feeds: orders", "on_drop is 'ignore'"),
        ("from: tracker, api: {params: {}}, feeds: orders", "api has no path"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(tmp_path: Path, entry: str, said: str):
    with pytest.raises(ProgrammeError) as caught:
        read(tmp_path, entry)
    messages = [str(problem) for problem in caught.value.problems]
    assert any(message.startswith(f"extracts.yml line 2: {said}") for message in messages), messages


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("delete from orders", "query is no SELECT but DELETE"),
        ("update orders set a = 1", "query is no SELECT but UPDATE"),
        ("drop table orders", "query is no SELECT but DROP"),
        ("select 1; drop table orders", "query has 2 statements"),
        ("select 1; select 2", "query has 2 statements"),
        ("with gone as (delete from orders returning *) select * from gone", "query has DELETE in it"),
        ("select * into copied from orders", "query has INTO in it"),
        ("select * from orders for update", "query has LOCK in it"),
        ("insert into a select * from b", "query is no SELECT but INSERT"),
        ("call refresh()", "query is no SELECT but"),
        ("copy orders to '/tmp/x'", "query is no SELECT but COPY"),
        ("set role admin", "query is no SELECT but SET"),
        ("", "query has 0 statements"),
        ("select from where", "query "),
    ],
)
def test_a_query_that_does_more_than_read_is_refused(tmp_path: Path, query: str, said: str):
    with pytest.raises(ProgrammeError) as caught:
        read(tmp_path, f'from: shop_db, query: "{query}", feeds: orders')
    assert f"extracts.yml line 2: {said}" in str(caught.value), caught.value


@pytest.mark.parametrize(
    "query",
    [
        "select * from orders;",
        "-- a comment\nselect id, payload->>'a' as a from s.orders where x ~ 'y' limit 5",
        "with a as (select 1 as x) select * from a union all select 2",
        "select distinct on (id) * from orders order by id, updated_at desc",
    ],
)
def test_a_query_that_only_reads_is_accepted(tmp_path: Path, query: str):
    written = query.replace("\n", "\\n")
    [entry] = read(tmp_path, f'from: shop_db, query: "{written}", feeds: orders')
    assert entry.query == query


def test_entries_that_would_share_a_folder_need_a_name(tmp_path: Path):
    with pytest.raises(ProgrammeError, match=r"line 3: it is pulled into the same folder as the entry on line 2"):
        read(tmp_path, "from: shop_db, table: a, feeds: orders", "from: shop_db, table: b, feeds: orders")
