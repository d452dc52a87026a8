"""Which extract a file feeds: the one whose columns its headers name best, and only where no other fits as well."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from orchestration.landing.onboarding.guess import Guess, guess_columns
from orchestration.landing.onboarding.names import list_names, normalise
from orchestration.landing.onboarding.profile import Profile
from orchestration.programme.contract import read_contract

# A header that only one extract knows counts 1, a header that n know counts 1/n, and less for those that know it by a
# synonym. Below this there is only a weak match.
ENOUGH = 0.5
BY_SYNONYM = 0.5
ENOUGH_WITH_GAPS = 1.5
# How much better than the next extract the best one must be.
CLEARLY = 1.5
# What has a smaller share of the best score is not shown.
WORTH = 0.3
SHOWN = 4


@dataclass(frozen=True)
class Ranking:
    """`chosen` are the extracts that the file feeds, one or two, none if that is not clear; `candidates` are those that
    come into question, the best first."""

    chosen: tuple[Guess, ...]
    candidates: tuple[Guess, ...]


def rank_extracts(profiles: Mapping[str, Profile], file_name: str) -> Ranking:
    """Rank the canonical extracts for a file with these columns; its name decides between equals for the order only."""
    guesses = [guess_columns(extract, profiles) for extract in read_contract().values()]
    claims: dict[str, float] = {}
    for guess in guesses:
        for header, weight in _weigh_headers(guess).items():
            claims[header] = claims.get(header, 0) + weight
    scores = {guess.extract.name: _score(guess, claims) for guess in guesses}

    def order(guess: Guess) -> tuple[float, bool]:
        return scores[guess.extract.name], _is_named_in(guess, normalise(file_name))

    ranked = sorted((guess for guess in guesses if len(guess.headers) > 1), key=order, reverse=True)
    ranked = [guess for guess in ranked if scores[guess.extract.name] > 0]
    worth = [guess for guess in ranked if scores[guess.extract.name] >= WORTH * scores[ranked[0].extract.name]]
    candidates = tuple([guess for guess in worth if not guess.is_doubtful][:SHOWN] or ranked[:1])
    for group in _group_best(ranked):
        if _is_clear(group, [guess for guess in ranked if guess not in group], scores):
            return Ranking(group, candidates)
    return Ranking((), candidates)


def _group_best(ranked: Sequence[Guess]) -> Iterator[tuple[Guess, ...]]:
    """The best guess and what the file holds beside it; before it, the one that it may be beside: orders of claims."""
    groups = [
        (best, *(other for other in ranked if other.extract.name in best.extract.often_with and _adds_to(other, best)))
        for best in ranked
    ]
    yield from (group for group in groups if ranked[0] in group[1:])
    yield from groups[:1]


def _is_named_in(guess: Guess, file_name: str) -> bool:
    """Whether a file is called after what its rows are: `influencers.csv`."""
    names = {normalise(guess.extract.name).rstrip("s")}
    names |= {name for key in guess.extract.key[:1] for name in list_names(guess.extract.find_column(key))}
    return any(len(name) > 4 and name in file_name for name in names)


def _score(guess: Guess, claims: Mapping[str, float]) -> float:
    """The weight of the headers that are used, times the share of the required columns that have one."""
    required = [column.name for column in guess.extract.columns if column.required]
    weight = sum(weight / claims[header] for header, weight in _weigh_headers(guess).items())
    share = 1 - len(guess.missing) / len(required) if required else 1.0
    return weight * share * (0.25 if guess.is_doubtful else 1)


def _weigh_headers(guess: Guess) -> dict[str, float]:
    """How surely each header is meant for this extract: less if it has another name there."""
    weights: dict[str, float] = {}
    for name, header in guess.headers.items():
        weight = 1.0 if normalise(name) == normalise(header) else BY_SYNONYM
        weights[header] = max(weight, weights.get(header, 0))
    return weights


def _is_clear(group: Sequence[Guess], rivals: Sequence[Guess], scores: Mapping[str, float]) -> bool:
    """Whether no rival fits nearly as well, other than one that only sees a part of what the best one sees."""
    best = group[0]
    score = max(scores[guess.extract.name] for guess in group)
    used = frozenset[str]().union(*(guess.used for guess in group))
    required = sum(column.required for column in best.extract.columns)
    if best.is_doubtful or len(best.missing) > required / 2:
        return False
    if score < (ENOUGH if best.is_complete else ENOUGH_WITH_GAPS):
        return False
    return all(
        score >= CLEARLY * scores[rival.extract.name] or (best.is_complete and rival.used < used) for rival in rivals
    )


def _adds_to(other: Guess, best: Guess) -> bool:
    """Whether the file holds both: each is complete, and names something that the other has no column for.

    What names orders and little more than who brought them holds both, too: the claims have no id of their own then.
    """
    if not best.is_complete or not other.is_complete:
        return False
    surplus = {name for name, header in other.headers.items() if header not in best.used}
    if not surplus:
        return False
    required = {column.name for column in other.extract.columns if column.required}
    says_who = surplus <= {*other.extract.needs_one_of, *required} and bool(other.borrowed)
    return bool(best.used - other.used) or says_who
