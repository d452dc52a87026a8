"""The smallest programme that is one: a plan with one goal, two orders, and one code that brought one of them."""

from pathlib import Path

PLAN = """\
programme: Tiny
currency: EUR
timezone: Europe/Brussels
objectives:
  - id: sell
    statement: Sell.
    owner: jo@example.com
    goals:
      - {id: revenue, kpi: net_revenue, target: 100, baseline: 0, starts_on: 2026-03-01, ends_on: 2026-03-31, evidence: tracked}
    steps: [{id: one, statement: One.}]
"""
EXTRACTS = """\
extracts:
  - files: landing/orders*.csv
    feeds: orders
  - files: landing/codes*.csv
    feeds: codes
  - files: landing/refunds*.csv
    feeds: refunds
"""
ORDERS = """\
order_id,customer_id,ordered_at,currency,net,discount_codes
1,ada,2026-03-01 10:00:00,EUR,40.00,MIRA10
2,bo,2026-03-02 10:00:00,EUR,60.00,
"""
CODES = "code,partner_id\nMIRA10,mira\n"


def write_tiny(folder: Path) -> Path:
    (folder / "landing").mkdir(parents=True)
    (folder / "plan.yml").write_text(PLAN)
    (folder / "extracts.yml").write_text(EXTRACTS)
    (folder / "landing" / "orders_2026-03-02.csv").write_text(ORDERS)
    (folder / "landing" / "codes.csv").write_text(CODES)
    return folder
