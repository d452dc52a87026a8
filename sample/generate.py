"""Generates the sample of Northwind Coffee: the exports of its tools, and the expected results (the truth).

    python sample/generate.py [--into FOLDER]

Writes FOLDER/programme/landing/ and FOLDER/truth/, by default those next to this file, byte-identical each
time. plan.yml and extracts.yml are written by hand and only copied to another FOLDER. Everything else in the programme
folder (warehouse/, published/, quarantine/) is unchanged.
"""

import argparse
import shutil
from pathlib import Path

from story.exports import export_everything
from story.files import write_csv
from story.orders import sell_coffee
from story.people_truth import list_advocates, list_relationships, list_relevance, list_undisclosed
from story.social import publish_posts
from story.stand import open_stand
from story.truth import count_totals, list_cohorts, list_credits, list_matches, list_orders, list_self_purchases

HERE = Path(__file__).resolve().parent


def generate(into: Path) -> None:
    sales, posts = sell_coffee(), publish_posts()
    open_stand(sales)
    empty(into / "programme" / "landing")
    empty(into / "truth")
    unread = export_everything(into / "programme" / "landing", sales, posts)
    orders = [order for order in sales.sold if not order.is_excluded]
    write_csv(into / "truth" / "orders.csv", list_orders(orders))
    write_csv(into / "truth" / "credits.csv", list_credits(order for order in orders if order.touches))
    write_csv(into / "truth" / "cohorts.csv", list_cohorts(orders))
    write_csv(into / "truth" / "matched_by.csv", list_matches(sales))
    write_csv(into / "truth" / "self_purchases.csv", list_self_purchases(sales))
    write_csv(into / "truth" / "totals.csv", count_totals(sales, orders, posts))
    write_csv(into / "truth" / "quarantine.csv", unread)
    write_csv(into / "truth" / "relationships.csv", list_relationships())
    write_csv(into / "truth" / "advocates.csv", list_advocates(sales))
    write_csv(into / "truth" / "relevance.csv", list_relevance(posts))
    write_csv(into / "truth" / "undisclosed.csv", list_undisclosed(posts))
    copy_handwritten(into / "programme")


def empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def copy_handwritten(programme: Path) -> None:
    for name in ("plan.yml", "extracts.yml"):
        if programme != HERE / "programme":
            shutil.copyfile(HERE / "programme" / name, programme / name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=Path, default=HERE, metavar="FOLDER")
    generate(parser.parse_args().into.resolve())
