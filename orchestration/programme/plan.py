"""plan.yml: objectives, their goals and steps, and the options by which orders are counted."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from orchestration.programme.contract import read_contract
from orchestration.programme.documents import Document, Location
from orchestration.programme.problems import Problem, enumerate_names, suggest
from orchestration.programme.registries import Kpi, read_attribution_models
from orchestration.programme.renames import find_bad_renames
from orchestration.programme.validation import refuse, validate

EVIDENCE_KINDS = ("code", "referral", "conversion", "click", "survey")
EVIDENCE_LEVELS = ("experiment", "tracked", "said")
SELF_PURCHASES = ("exclude", "credit")
RENEWALS = ("first", "all")
MARKOV_REPEATS = ("keep", "merge")
COMMISSION_COSTS = ("auto", "conversions", "costs")
# Statuses of orders that are not sales, compared in lower case.
NO_SALE_STATUSES = ("cancelled", "canceled", "voided", "failed", "test", "draft", "gift", "expired")


# What a plan is validated with: KPIs by name.
KpiInfo = ValidationInfo[Mapping[str, Kpi]]


def read_relationships() -> tuple[str, ...]:
    """The relationships that a partner can have."""
    return read_contract()["partners"].find_column("relationship").accepted


def _read_text(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        raise refuse("the text is empty", "Write a text, or remove the line")
    return value


def _read_one_of(read_known: Callable[[], tuple[str, ...]], what: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        known = read_known()
        if value not in known:
            raise refuse(f"'{value}' is not {what}", f"{suggest(value, known)}Write one of {enumerate_names(known)}")
        return value

    return BeforeValidator(check)


def _read_currency(value: Any) -> Any:
    if not re.fullmatch("[A-Z]{3}", str(value)):
        raise refuse(f"'{value}' is not a currency", "Write its ISO 4217 code, three capitals such as EUR")
    return value


@cache
def _list_zones() -> frozenset[str]:
    """All that the machine has; listing them takes 60 ms of looking into 600 files."""
    return frozenset(available_timezones())


def _read_zone(value: Any) -> Any:
    if value not in _list_zones():
        suggestion = suggest(value, _list_zones())
        raise refuse(f"'{value}' is not a time zone", f"{suggestion}Write an IANA name such as Europe/Brussels")
    return value


def _read_day(value: Any) -> Any:
    if value is None or isinstance(value, date):
        return value
    remedy = "Write a day of the calendar as year-month-day, such as 2026-03-01"
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)):
        raise refuse(f"'{value}' is not a date", remedy)
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise refuse(f"'{value}' is not a date: {error}", remedy) from error


def _read_decimal(places: int) -> BeforeValidator:
    def check(value: Any) -> Any:
        if value is None or isinstance(value, Decimal):
            return value
        remedy = "Write digits with a dot before the decimals and no thousands sign, such as 250000 or 0.92"
        if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", str(value)):
            raise refuse(f"'{value}' is not a number", remedy)
        try:
            number = Decimal(value)
        except InvalidOperation as error:
            raise refuse(f"'{value}' is not a number", remedy) from error
        if -int(number.as_tuple().exponent) > places or abs(number) >= Decimal(10) ** (18 - places):
            raise refuse(
                f"'{value}' does not fit", f"Write at most {18 - places} digits before the dot and {places} after it"
            )
        return number

    return BeforeValidator(check)


def _read_positive(number: Decimal) -> Decimal:
    if number <= 0:
        raise refuse(f"'{number}' is not positive", "Write what one unit of that currency is worth, above 0")
    return number


def _read_texts(value: Any) -> Any:
    """One text is a list of one."""
    return [value] if isinstance(value, str) else value


def _complete_evidence(kinds: tuple[str, ...]) -> tuple[str, ...]:
    for kind, times in Counter(kinds).items():
        if times > 1:
            raise refuse(f"'{kind}' is there {times} times", "Name each kind of evidence once, in order of precedence")
    return kinds + tuple(kind for kind in EVIDENCE_KINDS if kind not in kinds)


Text = Annotated[str, AfterValidator(_read_text)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_read_texts)]
Currency = Annotated[str, BeforeValidator(_read_currency)]
Timezone = Annotated[str, BeforeValidator(_read_zone)]
Day = Annotated[date, BeforeValidator(_read_day)]
Amount = Annotated[Decimal, _read_decimal(places=4)]
Rate = Annotated[Decimal, AfterValidator(_read_positive), _read_decimal(places=8)]
Relationship = Annotated[str, _read_one_of(read_relationships, "a relationship")]
AttributionModel = Annotated[str, _read_one_of(read_attribution_models, "an attribution model")]
EvidenceKind = Annotated[str, _read_one_of(lambda: EVIDENCE_KINDS, "a kind of evidence")]
EvidenceLevel = Annotated[str, _read_one_of(lambda: EVIDENCE_LEVELS, "a level of evidence")]
SelfPurchases = Annotated[str, _read_one_of(lambda: SELF_PURCHASES, "a rule for self-purchases")]
Renewals = Annotated[str, _read_one_of(lambda: RENEWALS, "a rule for renewals")]
MarkovRepeats = Annotated[str, _read_one_of(lambda: MARKOV_REPEATS, "a rule for repeated touches")]
CommissionCosts = Annotated[str, _read_one_of(lambda: COMMISSION_COSTS, "a source of commissions")]


class _Part(BaseModel):
    """Base of the plan's models: frozen, and an unknown name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Filter(_Part):
    """What a goal counts; empty means all. The KPI determines which dimensions a goal can use."""

    relationship: Annotated[tuple[Relationship, ...], BeforeValidator(_read_texts)] = ()
    partner: Texts = ()
    campaign: Texts = ()
    platform: Texts = ()
    new_customers: bool | None = None
    study: Texts = ()
    question: Texts = ()
    experiment: Texts = ()

    def list_values(self) -> dict[str, list[str]]:
        """The values by dimension, as texts, sorted."""
        named = {name: sorted(getattr(self, name)) for name in type(self).model_fields if name != "new_customers"}
        if self.new_customers is not None:
            named["new_customers"] = [str(self.new_customers).lower()]
        return {name: values for name, values in sorted(named.items()) if values}

    @field_validator("new_customers", mode="before")
    @classmethod
    def _check_new_customers(cls, value: Any) -> Any:
        meant = {"true": True, "false": False, "yes": True, "no": False}.get(str(value).lower())
        if meant is None:
            raise refuse(f"new_customers is '{value}', neither true nor false", "Write true or false")
        return meant


class Goal(_Part):
    """One number to reach. A goal that lacks a part is undefined, which is reported and not an error."""

    id: Text
    kpi: Text | None = None
    target: Amount | None = None
    baseline: Amount | None = None
    owner: Text | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    evidence: EvidenceLevel | None = None
    only: Filter | None = None

    @field_validator("kpi")
    @classmethod
    def _check_kpi(cls, name: str | None, info: KpiInfo) -> str | None:
        if name is None:
            return None
        kpis = info.context
        outcomes = tuple(kpi.name for kpi in kpis.values() if kpi.can_be_goal)
        goal = info.data.get("id", "without id")
        known = {kpi.name.casefold(): kpi for kpi in kpis.values() if not kpi.can_be_goal}
        families = {kpi.family: kpi for kpi in known.values()}
        refused = known.get(name.casefold()) or families.get(name.casefold())
        if refused:
            message = (
                f"goal '{goal}' aims at '{name}', a KPI of {refused.family}: reach, engagement and relevance are "
                "potential impact, never a goal. Measure outcomes, not influence"
            )
            raise refuse(message, f"It could aim at {enumerate_names(outcomes)}")
        if name not in kpis:
            remedy = f"{suggest(name, outcomes)}A goal can aim at {enumerate_names(outcomes)}"
            raise refuse(f"goal '{goal}' aims at '{name}', which is not a KPI", remedy)
        return name

    @field_validator("baseline")
    @classmethod
    def _check_baseline(cls, baseline: Decimal | None, info: KpiInfo) -> Decimal | None:
        if baseline is not None and baseline == info.data.get("target"):
            message = f"target and baseline are both {baseline}, so there is nothing to reach"
            raise refuse(message, "Set a target that differs from the baseline")
        kpi, target = info.context.get(info.data.get("kpi", "")), info.data.get("target")
        if kpi and baseline is not None and target is not None and (target > baseline) != (kpi.better == "higher"):
            message = f"the target {target} is worse than the baseline {baseline}: of {kpi.name} {kpi.better} is better"
            raise refuse(message, "Correct one of the two")
        return baseline

    @field_validator("ends_on")
    @classmethod
    def _check_ends_on(cls, ends_on: date | None, info: KpiInfo) -> date | None:
        starts_on = info.data.get("starts_on")
        if ends_on is not None and starts_on is not None and starts_on > ends_on:
            raise refuse(f"the goal ends on {ends_on}, before it starts on {starts_on}", "Correct one of the two days")
        return ends_on

    @field_validator("only")
    @classmethod
    def _check_only(cls, only: Filter | None, info: KpiInfo) -> Filter | None:
        kpi = info.context.get(info.data.get("kpi", ""))
        if only is None or kpi is None:
            return only
        # What only an experiment proves may name it; so one without days can count.
        proof = ("experiment",) if info.data.get("evidence") == "experiment" else ()
        narrowed_by = tuple(dict.fromkeys((*kpi.narrowed_by, *proof)))
        for name in only.list_values():
            if name not in narrowed_by:
                known = f"Write one of {enumerate_names(narrowed_by)}" if narrowed_by else "Remove `only`"
                raise refuse(f"a goal on {kpi.name} cannot be narrowed to {name}", known)
        return only


class Step(_Part):
    """One thing to do for an objective."""

    id: Text
    statement: Text
    owner: Text | None = None
    due_on: Day | None = None
    done_on: Day | None = None


class Objective(_Part):
    """What the team wants to achieve, with the goals that measure it and the steps towards it."""

    id: Text
    statement: Text
    owner: Text | None = None
    goals: tuple[Goal, ...] = ()
    steps: tuple[Step, ...] = ()

    @field_validator("goals", "steps", mode="before")
    @classmethod
    def _read_empty_list(cls, value: Any) -> Any:
        return () if value is None else value


class Markov(_Part):
    """How journeys become a Markov chain: whether touches of one player that follow each other each count."""

    repeats: MarkovRepeats = "keep"


class Plan(_Part):
    """plan.yml. Exchange rates are units of the reporting currency for one unit of the other currency.

    `aliases` maps an old partner id to the one that counts, `synonyms` a word to the topic that it means.
    """

    programme: Text
    currency: Currency
    timezone: Timezone
    lookback_days: Annotated[int, Field(ge=0, le=36500)] = 30
    evidence_order: Annotated[tuple[EvidenceKind, ...], AfterValidator(_complete_evidence)] = EVIDENCE_KINDS
    attribution_model: AttributionModel = "last_touch"
    excluded_statuses: Texts = NO_SALE_STATUSES
    self_purchases: SelfPurchases = "exclude"
    renewals: Renewals = "first"
    commission_costs: CommissionCosts = "auto"
    identity_limit: Annotated[int, Field(ge=1, le=1_000_000)] = 10
    markov: Markov = Field(default_factory=Markov)
    exchange_rates: dict[Currency, Rate] = Field(default_factory=dict)
    aliases: dict[Text, Text] = Field(default_factory=dict)
    synonyms: dict[Text, Text] = Field(default_factory=dict)
    objectives: tuple[Objective, ...] = ()

    @field_validator("exchange_rates", "aliases", "synonyms", "objectives", "markov", mode="before")
    @classmethod
    def _read_empty_part(cls, value: Any, info: KpiInfo) -> Any:
        if value is None:
            return () if info.field_name == "objectives" else {}
        return value

    @property
    def markov_repeats(self) -> str:
        return self.markov.repeats

    @field_validator("exchange_rates")
    @classmethod
    def _check_own_rate(cls, rates: dict[str, Decimal], info: KpiInfo) -> dict[str, Decimal]:
        currency = info.data.get("currency", "")
        if rates.get(currency, 1) != 1:
            message = f"one {currency} is {rates[currency]} {currency}, but it is the reporting currency"
            raise refuse(message, "Remove it: its rate is 1")
        return rates


def check_plan(document: Document, kpis: Mapping[str, Kpi]) -> tuple[Plan | None, list[Problem]]:
    """The plan, or None and every problem in it."""
    plan, problems = validate(Plan, document.data, document, (), kpis)
    problems += _find_repeated_ids(document)
    problems += find_bad_renames(document, "aliases", str.strip)
    problems += find_bad_renames(document, "synonyms", lambda word: word.strip().lower())
    return (None if problems else plan), problems


def _find_repeated_ids(document: Document) -> Iterator[Problem]:
    """Ids of objectives and goals are unique in a plan, ids of steps in their objective."""
    # On the raw document, so that another mistake in the same list cannot hide this one.
    objectives = list(_iterate_items(document.data, (), "objectives"))
    goals = [goal for location, objective in objectives for goal in _iterate_items(objective, location, "goals")]
    yield from _find_repeats(document, "objective", objectives)
    yield from _find_repeats(document, "goal", goals)
    for location, objective in objectives:
        yield from _find_repeats(document, "step", _iterate_items(objective, location, "steps"))


def _iterate_items(parent: Any, location: Location, name: str) -> Iterator[tuple[Location, Any]]:
    items = parent.get(name) if isinstance(parent, dict) else None
    for position, item in enumerate(items if isinstance(items, list) else ()):
        yield (*location, name, position), item


def _find_repeats(document: Document, kind: str, items: Iterable[tuple[Location, Any]]) -> Iterator[Problem]:
    first_lines: dict[str, int | None] = {}
    for location, item in items:
        name = item.get("id") if isinstance(item, dict) else None
        if not isinstance(name, str):
            continue
        place = (*location, "id")
        if name in first_lines:
            message = f"the {kind} '{name}' is there twice, first on line {first_lines[name]}"
            yield document.describe_problem(place, message, "Give each its own id")
        first_lines.setdefault(name, document.find_line(place))
