"""A programme with random rows of every extract, from the contract, and random deliveries that follow."""

import csv
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from orchestration.programme.contract import Column, Extract, read_contract

TODAY = date(2026, 8, 31)
PLAN = """\
programme: Random
currency: EUR
timezone: Europe/Berlin
lookback_days: 30
attribution_model: shapley
exchange_rates: {USD: 0.92}
synonyms: {latte art: coffee}
objectives:
  - id: sell
    statement: Sell.
    owner: jo@example.com
    goals:
      - {id: revenue, kpi: net_revenue, target: 900, baseline: 0, starts_on: 2026-01-01, ends_on: 2026-06-30, evidence: tracked}
      - {id: new, kpi: new_customers, target: 9, baseline: 1, starts_on: 2026-02-01, ends_on: 2026-12-31, evidence: tracked, only: {campaign: [spring]}}
      - {id: proven, kpi: incremental_revenue, target: 90, baseline: 0, starts_on: 2026-01-01, ends_on: 2026-06-30, evidence: experiment}
      - {id: answers, kpi: median_answer_hours, target: 20, baseline: 48, starts_on: 2026-01-01, ends_on: 2026-06-30, evidence: tracked}
      - {id: promises, kpi: commitments_kept_ratio, target: 0.8, baseline: 0.5, starts_on: 2026-01-01, ends_on: 2026-06-30, evidence: tracked}
      - {id: invited, kpi: k_factor, target: 1, baseline: 0.5, starts_on: 2026-01-01, ends_on: 2026-06-30, evidence: tracked}
      - {id: lasting, kpi: ltv_180, target: 90, baseline: 50, starts_on: 2025-11-01, ends_on: 2026-12-31, evidence: said}
    steps: [{id: one, statement: One., due_on: 2026-05-01}]
"""
PEOPLE = ("ada", "bo", "cy", "dee", "eve", "fay")
PARTNERS = ("mira", "leo", "ann")
# What ids and names are drawn from, so that rows meet; by column, or by extract and column.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "shop": ("eu", "us"),
    "order_id": tuple(map(str, range(1, 41))),
    "customer_id": (*PEOPLE, ""),
    "referred_customer_id": (*PEOPLE, ""),
    "referrer_id": (*PEOPLE, *PARTNERS),
    "visitor_id": ("v", "w", "x", ""),
    # Whoever shares one of these is one person.
    "customer_email": ("", "", "", "", "", "Bo@example.com"),
    "email": ("", "", "bo@example.com"),
    "customer_phone": ("", "", "", "", "", "+32 470 12 34 56"),
    "phone": ("", "", "0470/12 34 56"),
    "phone_country": ("BE", ""),
    "partner_id": (*PARTNERS, *PARTNERS, "zoe"),
    "campaign_id": ("spring", "office", ""),
    "code": ("MIRA", "leo", "ANN"),
    "match": ("exact", ""),
    "discount_codes": ("", "", "MIRA", " mira ;LEO", "LEO;UNKNOWN", "ANN"),
    "currency": ("EUR", "USD", ""),
    "exchange_rates.currency": ("USD", "GBP"),
    "status": ("paid", "paid", "paid", "Cancelled", ""),
    "is_paid": ("true", ""),
    "channel": ("web", "amazon", ""),
    "region": ("north", "south", ""),
    "post_id": ("p1", "p2", "p3", "p4"),
    "platform": ("instagram", "youtube"),
    "topics": ("coffee", "latte art;tea", ""),
    "utm_source": ("mira", "leo", "newsletter", ""),
    "utm_medium": ("",),
    "utm_campaign": ("",),
    "utm_content": ("",),
    "utm_term": ("",),
    "links.url": ("", "https://shop.example/q"),
    "valid_from": ("", "", "2026-02-01"),
    "valid_to": ("",),
    "url": ("https://shop.example/p?utm_source=mira&utm_campaign=spring", "https://shop.example/q#top", ""),
    "study_id": ("s1", "s2"),
    "question": ("knows us", "would buy"),
    "stratum": ("young", "old", ""),
    "experiment_id": ("randomised", "geo"),
    "experiments.design": ("randomised", "geo"),
    "experiments.starts_on": ("2026-02-01",),
    "experiments.ends_on": ("2026-05-31",),
    "observed_on": tuple(f"2026-03-{day:02d}" for day in range(1, 32)),
    "kpi": ("net_revenue", "visits"),
    "unit_id": tuple(f"u{number}" for number in range(12)),
    "arm_shares": ("",),
    "recommendations.answer": tuple(map(str, range(11))),
    "surveys.answer": ("A friend", "Podcast", ""),
    "rate": ("0.9", "0.912345", "1.25"),
}
ROWS = {"orders": 60, "clicks": 120, "experiment_outcomes": 300, "brand_lift_answers": 60, "referrals": 12}
FEW = 8


@dataclass
class RandomProgramme:
    """Its deliveries come one after the other."""

    folder: Path
    dice: random.Random
    files: int = 0

    def start(self) -> "RandomProgramme":
        (self.folder / "landing").mkdir(parents=True)
        (self.folder / "plan.yml").write_text(PLAN)
        entries = "".join(f"  - {{files: landing/{name}_*.csv, feeds: {name}}}\n" for name in read_contract_extracts())
        (self.folder / "extracts.yml").write_text(f"extracts:\n{entries}")
        for name in read_contract_extracts():
            self.deliver(name, ROWS.get(name, FEW))
        self.write("orders", [self.draw_row(read_contract_extracts()["orders"]) | IN_NOVEMBER])
        self.write("codes", [{"code": "FIRST", "partner_id": "mira"}])
        return self

    def empty_november(self) -> None:
        """Its only order is cancelled."""
        self.write(
            "orders", [self.draw_row(read_contract_extracts()["orders"]) | IN_NOVEMBER | {"status": "cancelled"}]
        )

    def deliver_some(self) -> None:
        """A row or two of orders, clicks and some other extracts."""
        for name in sorted({"orders", "clicks", *self.dice.sample([*read_contract_extracts()], 3)}):
            self.deliver(name, 2)

    def deliver(self, name: str, count: int) -> None:
        """Rows that may correct earlier ones."""
        extract = read_contract_extracts()[name]
        rows = {tuple(row[key] for key in extract.key): row for row in (self.draw_row(extract) for _ in range(count))}
        self.write(name, [*rows.values()])

    def write(self, name: str, rows: list[dict[str, str]]) -> None:
        self.files += 1
        day = date(2026, 7, 1) + timedelta(days=self.files // 2)
        with (self.folder / "landing" / f"{name}_{day}_{self.files:03d}.csv").open("w", newline="") as opened:
            writer = csv.DictWriter(opened, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)

    def draw_row(self, extract: Extract) -> dict[str, str]:
        row = {column.name: self.draw(extract, column) for column in extract.columns}
        if extract.name == "experiments":
            row["design"] = row["experiment_id"]
        if extract.name == "experiment_outcomes":
            row["arm"] = ("control", "bag")[sum(row["unit_id"].encode()) % 2]  # a unit has one
        return row

    def draw(self, extract: Extract, column: Column) -> str:
        choices = CHOICES.get(f"{extract.name}.{column.name}", CHOICES.get(column.name))
        must = column.required
        if choices is None and column.accepted:
            choices = (*column.accepted, *column.accepted, "")
        if choices is not None:
            return self.dice.choice([choice for choice in choices if choice or not must])
        if not must and self.dice.random() < 0.2:
            return ""
        return DRAWS[column.data_type](self, column)

    def draw_moment(self) -> datetime:
        second = self.dice.choice((0, 43_200, 86_399, self.dice.randrange(86_400)))
        return datetime(2026, 1, 1) + timedelta(days=self.dice.randrange(180), seconds=second)


# An order in a month of which nothing else is known.
IN_NOVEMBER = {
    "shop": "eu",
    "order_id": "first",
    "customer_id": "gil",
    "customer_email": "",
    "customer_phone": "",
    "ordered_at": "2025-11-10 10:00:00",
    "currency": "EUR",
    "net": "12.34",
    "discount_codes": "FIRST",
    "status": "paid",
    "is_paid": "true",
    "is_renewal": "",
}
DRAWS: Mapping[str, Callable[[RandomProgramme, Column], str]] = {
    "text": lambda one, column: f"{column.name} {one.dice.randrange(200)}",
    "list": lambda one, column: f"{column.name} {one.dice.randrange(9)}",
    "boolean": lambda one, _: one.dice.choice(("true", "false", "yes", "")),
    "money": lambda one, _: f"{one.dice.randrange(20_000) / 100:.2f}",
    "number": lambda one, _: f"{one.dice.randrange(9_999) / 100}",
    "count": lambda one, _: str(one.dice.randrange(900)),
    "date": lambda one, _: f"{one.draw_moment():%Y-%m-%d}",
    "timestamp": lambda one, _: f"{one.draw_moment():%Y-%m-%d %H:%M:%S}",
    "timestamp_end": lambda one, _: f"{one.draw_moment():%Y-%m-%d}",
}


def read_contract_extracts() -> dict[str, Extract]:
    """Those of our own, without the vendors' formats."""
    return {name: extract for name, extract in read_contract().items() if extract.format is None}
