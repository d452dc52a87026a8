"""Whether what claims an order finds it, by source: read from the warehouse after a build."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

LEAST = 0.5
QUERY = """
    select claim_type, source, claims, matched, by_order_id, by_order_ref, by_person_and_day, ambiguous,
        claimed_examples, order_examples
    from intermediate.int_match_rates
    order by claim_type, source
"""
PLURALS = {"conversion": "sales", "survey": "survey answers", "click": "visits with an order", "refund": "refunds"}


@dataclass(frozen=True)
class MatchRate:
    """Claims of one source that expect an order, and how they found it. Examples are order numbers."""

    claim_type: str
    source: str
    claims: int
    matched: int
    by_order_id: int
    by_order_ref: int
    by_person_and_day: int
    ambiguous: int
    claimed_examples: str | None
    order_examples: str | None

    @property
    def is_low(self) -> bool:
        """Whether less than half of the claims find their order."""
        return self.matched < LEAST * self.claims

    def describe(self) -> str:
        """How many find their order, what each side calls orders, and what to do."""
        claimed = f" It calls them {self.claimed_examples}" if self.claimed_examples else " It names no order"
        newest = f"the newest orders are {self.order_examples}" if self.order_examples else "there are no orders"
        return (
            f"{self.source}: {self.matched:,} of {self.claims:,} {PLURALS[self.claim_type]} find their order."
            f"{claimed}; {newest}. Deliver the numbers that it uses as order_refs of the orders, or the buyer's"
            " customer id or address with it (results.unmatched)."
        )


def read_match_rates(warehouse: duckdb.DuckDBPyConnection) -> Sequence[MatchRate]:
    """In the order of kind and source. Raises duckdb.Error if the warehouse is not built."""
    return [MatchRate(*row) for row in warehouse.execute(QUERY).fetchall()]
