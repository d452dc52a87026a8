"""Rows of one file that share a key. Raw keeps them all and the last one counts, so the others are counted here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.landing.effects import is_key_no_key
from orchestration.landing.matching import Match
from orchestration.landing.readers.records import Records, Selection, Staged
from orchestration.programme.casts import cast_expression
from orchestration.programme.contract import Extract
from orchestration.programme.sql import quote_name, quote_path

EXAMPLES = 3


@dataclass(frozen=True)
class SharedKeys:
    """Rows that share their key with a later row of their file: `replaced` differ from it in a cell or more, also in
    one that feeds no column, `duplicates` are alike in every cell. Of a list of things only cells that are read count:
    a file with a row per post and day may also list its posts. `examples` describe some of the replaced rows, without
    personal data."""

    replaced: int = 0
    duplicates: int = 0
    examples: tuple[str, ...] = ()

    def describe(self, extract: Extract, rows: int) -> str:
        """What to warn of, and what to do; `rows` are those that were kept."""
        names = " and ".join(extract.compared_key)
        limit = ""
        if is_key_no_key(self.replaced, rows):
            limit = f" A fifth of the rows or more is too many: {names} cannot be their key."
        were = "was" if self.replaced == 1 else "were"
        examples = f", for example {'; '.join(self.examples)}" if self.examples else ""
        return (
            f"{self.replaced:,} of its {rows:,} rows {were} replaced: a later row of the file has the same"
            f" {names}{examples}.{limit} {describe_remedy(extract)}"
        )


def express_key(extract: Extract, expressions: Mapping[str, str]) -> list[str]:
    """SQL for the parts of a row's key as staging reads them, so that 2026-03-01 and 2026-03-01 00:00 are the same.

    `expressions` are SQL for the verbatim text of each column.
    """
    parts = []
    for name in extract.compared_key:
        column = extract.find_column(name)
        part = cast_expression(column.data_type, expressions[name])
        parts.append(f"lower({part})" if column.ignores_case else part)
    return parts


def express_is_compared(extract: Extract, expressions: Mapping[str, str]) -> str:
    """SQL for whether a row can share its key: not without any part of it, and not as a line of an order that another
    row stands for. `expressions` as in express_key."""
    if extract.heads:
        given = (f"nullif(trim({expressions[name]}), '') is not null" for name in extract.heads.given)
        return f"({' and '.join(given)})"
    return f"({' or '.join(f'({part}) is not null' for part in express_key(extract, expressions))})"


def find_shared_keys(
    connection: duckdb.DuckDBPyConnection,
    kept: Path,
    source: str,
    match: Match,
    records: Records,
    staged: Staged,
    staged_file: Path,
    workspace: Path,
) -> SharedKeys:
    """Compare the kept rows that share a key. `kept` is their file in raw; `source` is their relation with `position`,
    also of the rows in the table `bad`.

    `staged_file` has only columns that feed something; the whole file is staged again if a key comes twice, which is
    rare.
    """
    extract = match.extract
    if not extract.compared_key or match.row_ids or not match.headers:
        return SharedKeys()
    in_raw = {name: quote_name(name) for name in extract.column_names}
    key = express_key(extract, in_raw)
    connection.execute(
        f"create or replace temp table repeated as select hash({', '.join(key)}) as key_hash"
        f" from read_parquet({quote_path(kept)}) where {express_is_compared(extract, in_raw)}"
        " group by all having count(*) > 1"
    )
    if not connection.execute("from repeated limit 1").fetchone():
        return SharedKeys()
    key = express_key(extract, match.expressions)
    is_compared = express_is_compared(extract, match.expressions)
    rows = f"(from {source} where position not in (select position from bad) and {is_compared})"
    whole, positions = _stage_compared(connection, match, records, staged, staged_file, workspace)
    cells = f"read_parquet({quote_path(whole)}, file_row_number = true)"
    texts = ", ".join(f"({part})::varchar" for part in key)
    connection.execute(f"""
        create or replace temp table sharing as
        select keyed.position, keyed.key, hash({", ".join(f"cells.c{position}" for position in positions)}) as content
        from (select position, [{texts}] as key from {rows} where hash({", ".join(key)}) in (from repeated)) as keyed
        join {cells} as cells on cells.file_row_number = keyed.position
    """)
    [(duplicates, replaced)] = connection.execute("""
        select coalesce(sum(copies - contents), 0)::bigint, coalesce(sum(contents - 1), 0)::bigint
        from (select count(*) as copies, count(distinct content) as contents from sharing group by key)
    """).fetchall()
    examples = _describe_examples(connection, match, staged, cells, positions) if replaced else ()
    return SharedKeys(replaced, duplicates, examples)


def _stage_compared(
    connection: duckdb.DuckDBPyConnection,
    match: Match,
    records: Records,
    staged: Staged,
    staged_file: Path,
    workspace: Path,
) -> tuple[Path, Sequence[int]]:
    """A Parquet file with the columns to compare, and their positions."""
    if match.extract.is_list:
        return staged_file, match.staged
    positions = range(len(match.headers))
    whole = workspace / "whole.parquet"
    if records.stage(connection, Selection(positions), whole).rows == staged.rows:
        return whole, positions
    # A damaged cell that feeds nothing makes its record a reject, so positions would be others. Without such columns,
    # they are the same.
    return staged_file, match.staged


def _describe_examples(
    connection: duckdb.DuckDBPyConnection, match: Match, staged: Staged, cells: str, positions: Sequence[int]
) -> tuple[str, ...]:
    found = connection.execute(f"""
        select max(position) filter (content <> winner) as replaced, max(position) as winner
        from (
            select *, last_value(content) over (
                partition by key order by position rows between unbounded preceding and unbounded following
            ) as winner
            from sharing
        )
        group by key
        having count(distinct content) > 1
        order by min(position)
        limit {EXAMPLES}
    """).fetchall()
    wanted = sorted({position for pair in found for position in pair})
    lines = dict(zip(wanted, staged.find_lines(wanted), strict=True))
    columns = ", ".join(f"c{position}" for position in positions)
    query = f"select file_row_number, {columns} from {cells} where file_row_number in ({', '.join(map(str, wanted))})"
    row_at = {row[0]: row[1:] for row in connection.execute(query).fetchall()}
    personal = find_personal(match.extract, match.positions)
    known = match.positions.keys() - personal
    shown = {name: match.positions[name] for name in match.extract.compared_key if name in known}
    examples = []
    for replaced, winner in found:
        one, other = (dict(zip(positions, row_at[position], strict=True)) for position in (replaced, winner))
        differing = next(match.headers[position] for position in positions if one[position] != other[position])
        key = [f"{name} {text}" for name, position in shown.items() if (text := other[position]) and "@" not in text]
        start = f"{', '.join(key)}: " if key else ""
        first, last = (lines[position] for position in (replaced, winner))
        place = "rows" if first is None or last is None else f"lines {first:,} and {last:,}"
        examples.append(f"{start}{place} differ in {differing}")
    return tuple(examples)


def find_personal(extract: Extract, sources: Mapping[str, object]) -> frozenset[str]:
    """Columns that hold personal data, or come from where such a column comes from; `sources` are headers (or their
    positions) by column."""
    personal = extract.personal_columns
    places = {sources[name] for name in personal if name in sources}
    return personal | {name for name, place in sources.items() if place in places}


def describe_remedy(extract: Extract) -> str:
    """What to do if rows that differ have the same key."""
    own = [name for name in extract.compared_key if name != "shop"]
    # A whole of several rows, such as an order with its lines, is not one of them.
    row = f"ids: {{{own[0]}: row}}, or " if len(own) == 1 and not extract.heads else ""
    return (
        f"If every row counts, write in extracts.yml {row}ids: {{{own[0]}: [the headers that identify a row]}}; if only"
        " the last row of a key counts, write duplicates: last"
    )
