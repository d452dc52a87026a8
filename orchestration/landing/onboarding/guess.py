"""Which header of a file feeds which column of an extract: by what headers are called and what their values are."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestration.landing.onboarding.names import rank_header
from orchestration.landing.onboarding.profile import MOST, Profile
from orchestration.programme.contract import Column, Extract, read_contract

# As in landing: where so many rows share an id, it is no id.
REPEATED = 0.2


@dataclass(frozen=True)
class Guess:
    """`headers` is the header by column. `row_ids` are ids that the file does not have and that can be made of the row.

    `misfits` are headers that fit a column by name but not by their values. `borrowed` are columns whose header also
    feeds another column: the order's id as the id of a conversion. `repeats_key` says that many rows have the same id,
    so that they are not what the extract has one row of.
    """

    extract: Extract
    headers: Mapping[str, str]
    row_ids: tuple[str, ...] = ()
    misfits: Mapping[str, str] = field(default_factory=dict)
    borrowed: tuple[str, ...] = ()
    repeats_key: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """The required columns without a header."""
        given = {*self.headers, *self.row_ids}
        return tuple(column.name for column in self.extract.columns if column.required and column.name not in given)

    @property
    def lacks_content(self) -> bool:
        """Whether the rows would say nothing, such as a campaign of which only the id is known."""
        needed = self.extract.needs_one_of
        return bool(needed) and not any(name in self.headers for name in needed)

    @property
    def is_doubtful(self) -> bool:
        """Whether the values speak against the extract, whatever the headers are called."""
        return self.lacks_content or self.repeats_key

    @property
    def is_complete(self) -> bool:
        return not self.missing and not self.is_doubtful

    @property
    def used(self) -> frozenset[str]:
        """The headers that feed a column."""
        return frozenset(self.headers.values())


def guess_columns(extract: Extract, profiles: Mapping[str, Profile]) -> Guess:
    """The most likely header of each column of an extract; a header feeds one column, unless it is the only id."""
    ranked = sorted(
        (rank, not column.required, position, header)
        for position, column in enumerate(extract.columns)
        for header in profiles
        if (rank := rank_header(column, header)) is not None
    )
    headers: dict[str, str] = {}
    misfits: dict[str, str] = {}
    for rank, _, position, header in ranked:
        column = extract.columns[position]
        if column.name in headers or header in headers.values():
            continue
        if fits(column, profiles[header], rank):
            headers[column.name] = header
        else:
            misfits.setdefault(column.name, header)
    borrowed = []
    for _, _, position, header in ranked:
        column = extract.columns[position]
        is_id = column.name in extract.key and column.data_type == "text" and column.required
        if is_id and column.name not in headers and fits(column, profiles[header], 1):
            headers[column.name] = header
            borrowed.append(column.name)
    row_ids = []
    for column in extract.columns:
        has_no_id = column.name not in headers or repeats(profiles[headers[column.name]])
        if column.required and has_no_id and can_be_row_id(extract, column):
            headers.pop(column.name, None)
            row_ids.append(column.name)
    return Guess(
        extract,
        {column.name: headers[column.name] for column in extract.columns if column.name in headers},
        tuple(row_ids),
        {name: header for name, header in misfits.items() if name not in headers},
        tuple(name for name in borrowed if name not in row_ids),
        any(extract.key == (name,) and repeats(profiles[header]) for name, header in headers.items()),
    )


def repeats(profile: Profile) -> bool:
    """Whether so many rows share a value that it cannot be the id of one row."""
    return profile.rows > 0 and 1 - profile.distinct / profile.rows >= REPEATED


def can_be_row_id(extract: Extract, column: Column) -> bool:
    """Whether each row can be its own id: nothing else refers to the id of a payment or an answer."""
    if extract.key != (column.name,) or column.data_type != "text":
        return False
    return all(other.key == (column.name,) for other in read_contract().values() if column.name in other.column_names)


def fits(column: Column, profile: Profile, rank: int) -> bool:
    """Whether the values can be the column's. The column's own name is taken at its word."""
    if column.required and profile.rows and profile.empty_ratio > MOST:
        return False
    if rank == 0 or not profile.filled:
        return True
    if column.accepted:
        return bool(profile.words) and (rank == 1 or count_known_words(column, profile) > 0)
    if column.data_type in ("text", "list"):
        is_amount = column.name.endswith("_id") and profile.shares["decimals"] > MOST
        return not is_amount and profile.dates_ratio <= MOST and profile.shares["yes_no"] <= MOST
    return profile.share_of(column.data_type) >= MOST


def count_known_words(column: Column, profile: Profile) -> int:
    """How many of a column's different values are accepted, or are known to mean an accepted one."""
    known = {*column.accepted, *(word for _, words in column.words for word in words)}
    return sum(word.strip().lower() in known for word in profile.words)
