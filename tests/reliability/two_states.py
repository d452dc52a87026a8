"""A small programme in two states that differ in the plan and in what is read; each can be gone back to."""

from pathlib import Path

from tests import tiny

PLAN = tiny.PLAN + "lookback_days: 30\n"
EXTRACTS = """\
extracts:
  - {files: landing/orders*.csv, feeds: orders}
  - {files: landing/codes*.csv, feeds: codes}
"""
ONE_MORE = "  - {files: landing/more*.csv, feeds: orders}\n"
MORE = """\
order_id,customer_id,ordered_at,currency,net,discount_codes
1,ada,2026-03-01 10:00:00,EUR,45.00,MIRA10
3,cy,2026-03-03 10:00:00,EUR,80.00,MIRA10
"""


def write_state(programme: Path, state: str) -> None:
    """`first` or `changed`."""
    changed = state == "changed"
    (programme / "plan.yml").write_text(PLAN.replace("lookback_days: 30", "lookback_days: 3") if changed else PLAN)
    (programme / "extracts.yml").write_text(EXTRACTS + ONE_MORE if changed else EXTRACTS)


def start_tiny(programme: Path) -> Path:
    (programme / "landing").mkdir(parents=True)
    for name, content in {
        "orders_2026-03-02.csv": tiny.ORDERS,
        "more_2026-03-04.csv": MORE,
        "codes.csv": tiny.CODES,
    }.items():
        (programme / "landing" / name).write_text(content)
    return programme
