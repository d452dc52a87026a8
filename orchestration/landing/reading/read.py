"""Reads the staged cells of a file as the values that go to raw, in the order that reading/__init__.py gives."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from orchestration.landing.matching import Match
from orchestration.landing.readers.records import Selection
from orchestration.landing.reading import ids, numbers, units
from orchestration.landing.reading.rows import list_row_rules
from orchestration.landing.reading.words import (
    express_empty_cell,
    express_empty_word,
    express_flags,
    express_mapped,
    express_product,
)
from orchestration.programme.casts import cast_expression
from orchestration.programme.contract import Column
from orchestration.programme.extracts import Entry
from orchestration.programme.options import GIFT_CARD, LINE_NAME
from orchestration.programme.sql import quote_literal, quote_name, quote_path

_NUMBERS = ("money", "number", "count")
# The first cell of a totals row is one of the first headers, and each one more costs planning time.
_LOOKED_THROUGH = 100


@dataclass(frozen=True)
class Check:
    """A problem that only the cell as it was in the file shows. `condition`, `value` and `remedy` are SQL; a row of
    totals has no column."""

    column: str | None
    condition: str
    value: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class Reading:
    """The rows of a file as they go to raw: `rows` is a relation with `position`, the fed columns and the row's
    options, and `cells` the same rows as they are in the file. `checks` are over `rows`."""

    rows: str
    cells: str
    checks: tuple[Check, ...]
    dropped_by_rule: Mapping[str, int]
    changed_by_rule: Mapping[str, int]


def select_cells(entry: Entry, match: Match) -> Selection:
    """What is staged of a file: the cells that are read, and what tells rows of totals."""
    # A team that keeps the rows of a value wants them, also if the value is Total.
    kept = {match.positions_by_header[header.strip()] for header in entry.keep if match.headers}
    looked_through = [position for position in range(len(match.headers)) if position not in kept]
    return Selection(match.staged or [0], looked_through[:_LOOKED_THROUGH])


def read_values(
    connection: duckdb.DuckDBPyConnection,
    entry: Entry,
    match: Match,
    staged: Path,
    number_positions: Iterable[int],
    options: Mapping[str, str | None],
    currency: str,
    workspace: Path,
) -> Reading:
    """Apply the entry's options and the reading rules to a staged file.

    `number_positions` are the headers whose values are numbers in the file itself, `options` the `_decimal`,
    `_date_order` and `_timezone` of its rows, `currency` the reporting currency.
    """
    cells, dropped = _leave_out_rows(connection, entry, match, _name_cells(match, staged, options))
    values = _Values(connection, entry, match, frozenset(number_positions), cells)
    facts = values.find_facts()
    values.find_totals(facts)
    values.check_rows()
    values.check_json()
    values.empty_words(facts)
    values.map_words()
    values.join_flags()
    values.mark_gift_cards()
    values.join_ids(facts)
    values.repair_ids(facts)
    values.read_numbers(facts, currency)
    values.change_units()
    rows, changed = values.write(workspace / "read.parquet")
    return Reading(rows, cells, tuple(values.checks), dropped, changed)


def _name_cells(match: Match, staged: Path, options: Mapping[str, str | None]) -> str:
    """The staged cells, the columns of the extract that come from one of them, and the row's options."""
    columns = [f"{_express_cell(match, name)} as {quote_name(name)}" for name in match.positions]
    columns += [f"{quote_literal(value)}::varchar as {name}" for name, value in options.items()]
    selected = ", ".join(["* exclude (file_row_number)", "file_row_number as position", *columns])
    return f"(select {selected} from read_parquet({quote_path(staged)}, file_row_number = true))"


def _express_cell(match: Match, name: str) -> str:
    """SQL for the cell of a column, or for what the column takes of its JSON. A text that is no JSON stays as it is."""
    cell, path = f"c{match.positions[name]}", match.paths.get(name)
    if path:
        pointer = quote_literal("$" + "".join(f'."{part}"' for part in path))
        return f"case when json_valid({cell}) then json_extract_string({cell}, {pointer}) else {cell} end"
    if keeps := match.extract.find_column(name).keeps:
        kept = f"json_transform({cell}, {quote_literal(keeps)})"
        return f"case when json_valid({cell}) then to_json({kept})::varchar else {cell} end"
    return cell


def _leave_out_rows(
    connection: duckdb.DuckDBPyConnection, entry: Entry, match: Match, cells: str
) -> tuple[str, dict[str, int]]:
    """The rows that no rule leaves out, and how many rows each rule did."""
    rules = list_row_rules(entry, match) if match.headers else {}
    if not rules:
        return cells, {}
    # A rule can use a column that is a constant, or that this version of the export does not have.
    known = {*match.positions, *match.made}
    given = "".join(f", {sql} as {quote_name(name)}" for name, sql in match.expressions.items() if name not in known)
    named = f"(select *{given} from {cells})"
    if match.extract.heads and (entry.keep or entry.drop):
        named = _fill_lines(match, [match.cell(header) for header in (*entry.keep, *entry.drop)], named)
    branches = " ".join(f"when {condition} then {number}" for number, condition in enumerate(rules.values()))
    ruled = f"(select *, case {branches} end as _rule from {named})"
    counts = dict(connection.execute(f"select _rule, count(*) from {ruled} group by 1").fetchall())
    dropped = {rule: counts[number] for number, rule in enumerate(rules) if counts.get(number)}
    return f"(select * from {ruled} where _rule is null)", dropped


def _fill_lines(match: Match, cells: Sequence[str], relation: str) -> str:
    """The relation with `cells` that a line of an order leaves empty filled from the first line of the order: a rule
    that names what belongs to the order means all of its lines."""
    assert match.extract.heads
    is_head = " or ".join(f"trim({match.expressions[name]}) <> ''" for name in match.extract.heads.given)
    numbered = f"(select *, count(*) filter ({is_head}) over (order by position) as _head from {relation})"
    filled = ", ".join(
        f"coalesce(nullif(trim({cell}), ''), first_value({cell}) over (partition by _head order by position)) as {cell}"
        for cell in dict.fromkeys(cells)
    )
    return f"(select * exclude (_head) replace ({filled}) from {numbered})"


@dataclass
class _Values:
    """The relation of rows while one rule after the other is applied to it."""

    connection: duckdb.DuckDBPyConnection
    entry: Entry
    match: Match
    numbers: frozenset[int]
    relation: str
    checks: list[Check] = field(default_factory=list)
    rules: dict[str, str] = field(default_factory=dict)
    # What the next `select` around the relation replaces and adds. DuckDB plans each for all columns: one for each of
    # forty currencies takes a second and a half.
    replaced: dict[str, str] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)

    @property
    def from_file(self) -> list[Column]:
        return [column for column in self.match.fed if column.name in self.match.positions]

    def find_facts(self) -> Mapping[str, int]:
        """What holds for the whole file and decides which rules it needs, in one pass over it."""
        wanted = {"totals": "count(total_at)"}
        for column in self.from_file:
            name, cell = column.name, quote_name(column.name)
            empty = express_empty_word(cell, column, self.entry)
            if empty:
                wanted[f"empty {name}"] = f"count(*) filter ({empty})"
            if column.is_id:
                is_value = f"trim({cell}) <> '' and not {empty or 'false'} and total_at is null"
                wanted[f"id {name}"] = f"count(*) filter ({is_value})"
                wanted[f"zero {name}"] = f"count(*) filter ({ids.express_ends_in_zero(cell)})"
                wanted[f"rounded {name}"] = f"count(*) filter ({ids.express_is_rounded(cell)})"
                wanted[f"marked {name}"] = f"count(*) filter ({ids.express_is_marked(cell)})"
            if column.data_type in _NUMBERS:
                wanted[f"unusual {name}"] = f"count(*) filter ({numbers.express_is_unusual(cell, self.entry.decimal)})"
        for header in self._id_parts:
            cell = self.match.cell(header)
            wanted[f"part {header}"] = f"count(*) filter (not {express_empty_cell(cell, self.entry)})"
            wanted[f"zero part {header}"] = f"count(*) filter ({ids.express_ends_in_zero(cell)})"
        return self._count(wanted)

    @property
    def _id_parts(self) -> set[str]:
        """The headers that ids are made of."""
        return {header for name in self.entry.ids for header in self.match.made.get(name, ())}

    def find_totals(self, facts: Mapping[str, int]) -> None:
        if not facts["totals"]:
            return
        self._nest()
        found = self.connection.execute(f"select distinct total_at from {self.relation} where total_at is not null")
        headers = " ".join(
            f"when {position} then {quote_literal(self.match.headers[position])}" for (position,) in found.fetchall()
        )
        self.checks.append(
            Check(
                column=None,
                condition="total_at is not null",
                value="total_word",
                reason="is the first cell of a totals row, which would count the other rows twice",
                remedy=(
                    f"'leave such rows out with drop: {{' || case total_at {headers} end || ': ['"
                    " || trim(total_word) || ']} in extracts.yml'"
                ),
            )
        )

    def check_rows(self) -> None:
        """Rows that the format cannot read, as their cells are in the file."""
        declared = self.match.extract.format
        if not declared or not self.match.headers:
            return
        self._nest()
        known = {*self.match.positions, *self.match.made}
        given = {name: sql for name, sql in self.match.expressions.items() if name not in known}
        named = ", ".join(["*", *(f"{sql} as {quote_name(name)}" for name, sql in given.items())])
        left_out = f" exclude ({', '.join(map(quote_name, given))})" if given else ""
        for number, check in enumerate(declared.checks):
            fails = f"coalesce({check.where}, false) as _check_{number}"
            self.relation = f"(select *{left_out}, {fails} from (select {named} from {self.relation}))"
            self.checks.append(Check(None, f"_check_{number}", "''", check.because, quote_literal(check.remedy)))

    def check_json(self) -> None:
        """Cells of which a part is read, and that are no JSON, or of another kind."""
        for column in self.from_file:
            kind = "OBJECT" if column.name in self.match.paths else "ARRAY" if column.keeps else None
            if kind:
                cell, misread = f"c{self.match.positions[column.name]}", f"_misread_json_{column.name}"
                found = f"case when json_valid({cell}) then json_type({cell}) in ('{kind}', 'NULL') else false end"
                self._add({misread: f"trim({cell}) <> '' and not {found}"})
                reason = f"is no {'object' if kind == 'OBJECT' else 'list of objects'} in JSON"
                remedy = quote_literal("deliver the table or the file as the connector wrote it")
                self.checks.append(Check(column.name, f"coalesce({quote_name(misread)}, false)", "''", reason, remedy))

    def empty_words(self, facts: Mapping[str, int]) -> None:
        for column in self.from_file:
            if facts.get(f"empty {column.name}"):
                word = express_empty_word(quote_name(column.name), column, self.entry)
                self._replace(column.name, f"case when not {word} then {quote_name(column.name)} end", "empty")

    def map_words(self) -> None:
        for name, words in self.entry.map.items():
            if name in self.match.positions:
                self._replace(name, express_mapped(quote_name(name), words), "map")

    def join_flags(self) -> None:
        for name, header_by_word in self.entry.flags.items():
            if name not in self.match.made:
                continue
            cells = {word: self.match.cell(header) for word, header in header_by_word.items()}
            chosen, unreadable = express_flags(cells, self.entry)
            words, misread = f"_flags_{name}", f"_misread_{name}"
            self._add({words: chosen, misread: unreadable})
            self._add({name: f"case when len({quote_name(words)}) = 1 then {quote_name(words)}[1] end"})
            headers = self.match.describe_headers(name)
            several = f"len({quote_name(words)}) > 1"
            shown = " || ', ' || ".join(f"coalesce({cell}, '')" for cell in cells.values())
            remedy = quote_literal("correct the cells at the source, or flags: in extracts.yml")
            self.checks.append(Check(name, several, shown, f"has more than one yes in {headers}", remedy))
            reason = f"has a cell in {headers} that is neither 1, 0 nor empty"
            self.checks.append(Check(name, quote_name(misread), shown, reason, remedy))
            self.rules[f"flags: {name}"] = f"{quote_name(name)} is not null"

    def mark_gift_cards(self) -> None:
        if GIFT_CARD in self.match.made:
            is_named = express_product(quote_name(LINE_NAME), self.entry.gift_cards)
            self._add({GIFT_CARD: f"case when {is_named} then 'true' else 'false' end"})
            self.rules[f"gift_cards: {LINE_NAME}"] = f"{GIFT_CARD} = 'true'"

    def join_ids(self, facts: Mapping[str, int]) -> None:
        for name, parts in self.entry.ids.items():
            if name not in self.match.made:
                continue
            cells, texts = [self.match.cell(header) for header in parts], []
            for header, cell in zip(parts, cells, strict=True):
                is_whole = 0 < facts[f"zero part {header}"] == facts[f"part {header}"]
                text = ids.express_without_zero(cell) if is_whole else f"trim({cell})"
                texts.append(f"case when {express_empty_cell(cell, self.entry)} then '' else {text} end")
            rounded = f"_rounded_{name}"
            is_rounded = " or ".join(ids.express_is_rounded(f"coalesce({cell}, '')") for cell in cells)
            self._add({name: ids.express_joined(texts), rounded: is_rounded})
            self._check_rounded(name, quote_name(rounded))
            self.rules[f"ids: {name}"] = f"{quote_name(name)} is not null"

    def repair_ids(self, facts: Mapping[str, int]) -> None:
        for column in self.from_file:
            name, cell = column.name, quote_name(column.name)
            if facts.get(f"rounded {name}"):
                self._check_rounded(name, f"coalesce({ids.express_is_rounded(cell)}, false)")
            if facts.get(f"zero {name}") and facts[f"zero {name}"] == facts[f"id {name}"]:
                self._replace(name, ids.express_without_zero(cell), "ends in .0")
            if facts.get(f"marked {name}"):
                self._replace(name, ids.express_without_mark(cell), "apostrophe")

    def read_numbers(self, facts: Mapping[str, int], currency: str) -> None:
        unusual = [
            column
            for column in self.from_file
            if column.data_type in _NUMBERS
            and (facts[f"unusual {column.name}"] or column.name in self.entry.map)
            and self.match.positions[column.name] not in self.numbers
        ]
        for column in unusual:
            self._add({f"_parts_{column.name}": self._express_parts(column)})
        for column in unusual:
            name = column.name
            amount = numbers.split(quote_name(name), quote_name(f"_parts_{name}"))
            self._add({f"_bare_{name}": amount.bare, f"_sign_{name}": amount.sign, f"_spaced_{name}": amount.is_spaced})
        decimals = self._settle_decimals(unusual)
        for column in unusual:
            self._read_number(column, decimals[column.name], currency)

    def _express_parts(self, column: Column) -> str:
        suffixes: Iterable[str] = numbers.read_currency_signs() if column.data_type == "money" else ()
        suffixes = ("%",) if self.entry.units.get(column.name) == "percent" else suffixes
        return numbers.express_parts(quote_name(column.name), suffixes)

    def _settle_decimals(self, columns: Iterable[Column]) -> dict[str, str]:
        """The decimal sign of each column: declared, settled by its values, or empty."""
        if self.entry.decimal:
            return dict.fromkeys((column.name for column in columns), self.entry.decimal)
        wanted = {}
        for column in columns:
            evidence = numbers.express_evidence(quote_name(f"_bare_{column.name}"))
            for sign, condition in zip(("dot", "comma"), evidence, strict=True):
                wanted[f"{sign} {column.name}"] = f"count(*) filter ({condition})"
        counts = self._count(wanted)
        return {
            column.name: numbers.settle_decimal(counts[f"dot {column.name}"], counts[f"comma {column.name}"])
            for column in columns
        }

    def _read_number(self, column: Column, decimal: str, currency: str) -> None:
        name, cell = column.name, quote_name(column.name)
        bare, sign, spaced = (quote_name(f"_{part}_{name}") for part in ("bare", "sign", "spaced"))
        if not decimal:
            doubtful = f"_doubtful_{name}"
            self._add({doubtful: f"coalesce({numbers.express_is_doubtful(bare)}, false)"})
            reason = "can be read in two ways: the dot may be a decimal sign or separate thousands"
            remedy = quote_literal("declare decimal: '.' or ',' in extracts.yml")
            self.checks.append(Check(name, quote_name(doubtful), cell, reason, remedy))
        written = numbers.express_number(cell, bare, spaced, column.data_type, decimal)
        if column.data_type == "money":
            known = self._express_currency(currency)
            contradicts = numbers.express_contradicts(sign, known)
            remedy = (
                f"'correct the currency of the row, which is ' || coalesce({known}, 'not known') || ', or the sign'"
            )
            reason = "has a currency sign that contradicts the row's currency"
            self.checks.append(Check(name, contradicts, cell, reason, remedy))
        self._replace(name, written, "number")

    def _express_currency(self, reporting: str) -> str:
        """SQL for the currency of a row: its own, else the entry's, else the reporting currency."""
        columns = [column for column in self.match.extract.columns if column.data_type == "currency"]
        own = [cast_expression("currency", self.match.expressions[column.name]) for column in columns]
        return f"coalesce({', '.join([*own, quote_literal(reporting)])})"

    def change_units(self) -> None:
        for name, unit in self.entry.units.items():
            if name in self.match.positions:
                column, cell = self.match.extract.find_column(name), quote_name(name)
                scaled, misfit = f"_scaled_{name}", f"_misfit_{name}"
                self._add({scaled: units.express_in_unit(cell, column, unit)})
                self._add({misfit: f"{quote_name(scaled)} is null and {units.is_number(cell)}"})
                reason, remedy = units.describe_misfit(unit)
                self.checks.append(Check(name, quote_name(misfit), cell, reason, quote_literal(remedy)))
                self._replace(name, f"coalesce({quote_name(scaled)}, {cell})", f"units {unit}")
        if self.entry.scale and "answer" in self.match.positions:
            scaled = quote_name("_scaled_answer")
            self._add({"_scaled_answer": units.express_of_10("answer")})
            remedy = quote_literal("correct the value at the source, or scale: in extracts.yml")
            condition = f"trim(answer) <> '' and {scaled} is null"
            self.checks.append(Check("answer", condition, "answer", "is not on the scale of 1 to 5", remedy))
            self._replace("answer", f"coalesce({scaled}, answer)", "scale")
        for header, counted in (self.entry.orders_per_row or {}).items() if self.match.headers else ():
            self._check_orders(header, counted)

    def _check_orders(self, header: str, counted: str) -> None:
        cell = self.match.cell(header)
        orders = cast_expression("count", cell)
        remedy = f"deliver single orders, or count such a row as one: orders_per_row: {{{header}: one}} in extracts.yml"
        unreadable = f"coalesce({orders}, -1) < 0"
        what = quote_literal("write how many orders the row is")
        self.checks.append(Check(None, unreadable, cell, f"is no number of orders in {header}", what))
        if counted == "one":
            self.rules[f"orders_per_row: {header} counts as one"] = f"{orders} > 1"
        else:
            reason = f"is more than one order in {header}"
            self.checks.append(Check(None, f"{orders} > 1", cell, reason, quote_literal(remedy)))

    def write(self, target: Path) -> tuple[str, dict[str, int]]:
        """The relation, written to `target` if any rule changed it, and how many values each rule changed."""
        self._nest()
        if not self.rules and not self.checks:
            return self.relation, {}
        self.connection.execute(f"copy (from {self.relation}) to {quote_literal(target)} (format parquet)")
        self.relation = f"read_parquet({quote_path(target)})"
        counts = self._count({rule: f"count(*) filter ({changed})" for rule, changed in self.rules.items()})
        return self.relation, {rule: count for rule, count in counts.items() if count}

    def _check_rounded(self, name: str, condition: str) -> None:
        reason = "was rounded by a spreadsheet, so it names nothing any more"
        remedy = quote_literal("export it again, and deliver it without opening it in a spreadsheet")
        self.checks.append(Check(name, condition, quote_name(name), reason, remedy))

    def _add(self, columns: Mapping[str, str]) -> None:
        """Add columns by name, as SQL over the relation so far."""
        self._nest_before(*columns, *columns.values())
        self.added |= columns

    def _replace(self, name: str, sql: str, rule: str) -> None:
        """Replace a column, and note under the rule's name where that changes it."""
        self._nest_before(name, sql)
        changed = f"_changed_{len(self.rules)}"
        self.rules[f"{rule}: {name}"] = quote_name(changed)
        self.replaced[name] = sql
        self.added[changed] = f"({sql}) is distinct from {quote_name(name)}"

    def _nest_before(self, *texts: str) -> None:
        """Nest if one of these texts names a column that is not yet in the relation."""
        named = {word.lower() for text in texts for word in re.findall(r"\w+", text)}
        if not named.isdisjoint(name.lower() for name in (*self.replaced, *self.added)):
            self._nest()

    def _nest(self) -> None:
        """Put one `select` with what is to be replaced and added around the relation."""
        replaced, added = (
            [f"{sql} as {quote_name(name)}" for name, sql in columns.items()] for columns in (self.replaced, self.added)
        )
        if replaced or added:
            every = f"* replace ({', '.join(replaced)})" if replaced else "*"
            self.relation = f"(select {', '.join([every, *added])} from {self.relation})"
            self.replaced, self.added = {}, {}

    def _count(self, aggregates: Mapping[str, str]) -> dict[str, int]:
        if not aggregates:
            return {}
        self._nest()
        query = f"select {', '.join(aggregates.values())} from {self.relation}"
        [counts] = self.connection.execute(query).fetchall()
        return dict(zip(aggregates, counts, strict=True))
