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
    candidates = tuple(ranked[:SHOWN])
    for best, companions in _pair_best(ranked):
        rivals = [guess for guess in ranked if guess is not best and guess not in companions]
        if _is_clear(best, rivals, scores):
            return Ranking((best, *companions), candidates)
    return Ranking((), candidates)


def _pair_best(ranked: Sequence[Guess]) -> Iterator[tuple[Guess, list[Guess]]]:
    """The best guess and what the file holds beside it; before it, the one that it may be beside: orders of claims."""
    by_name = {guess.extract.name: guess for guess in ranked}
    pairs = [
        (
            best,
            [
                by_name[name]
                for name in best.extract.often_with
                if name in by_name and _is_companion(by_name[name], best)
            ],
        )
        for best in ranked
    ]
    yield from ((best, companions) for best, companions in pairs if ranked[0] in companions)
    yield from pairs[:1]


def _is_named_in(guess: Guess, file_name: str) -> bool:
    """Whether a file is called after what its rows are: `influencers.csv`."""
    names = {normalise(guess.extract.name).rstrip("s")}
    names |= {name for key in guess.extract.key[:1] for name in list_names(guess.extract.find_column(key))}
    return any(len(name) > 4 and name in file_name for name in names)


def _score(guess: Guess, claims: Mapping[str, float]) -> float:
    """The weight of the headers that are used, times the share of the required columns that have one."""
    required = [column.name for column in guess.extract.columns if column.required]
    weight = sum(weight / claims[header] for header, weight in _weigh_headers(guess).items())
    share = 1 - len(guess.missing) / len(required)
    return weight * share * (0.25 if guess.lacks_content else 1)


def _weigh_headers(guess: Guess) -> dict[str, float]:
    """How surely each header is meant for this extract: less if it has another name there."""
    weights: dict[str, float] = {}
    for name, header in guess.headers.items():
        weight = 1.0 if normalise(name) == normalise(header) else BY_SYNONYM
        weights[header] = max(weight, weights.get(header, 0))
    return weights


def _is_clear(best: Guess, rivals: Sequence[Guess], scores: Mapping[str, float]) -> bool:
    score = scores[best.extract.name]
    required = sum(column.required for column in best.extract.columns)
    if best.lacks_content or len(best.missing) > required / 2:
        return False
    if score < (ENOUGH if best.is_complete else ENOUGH_WITH_GAPS):
        return False
    return all(
        score >= CLEARLY * scores[rival.extract.name] or (best.is_complete and rival.used < best.used)
        for rival in rivals
    )


def _is_companion(other: Guess, best: Guess) -> bool:
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
