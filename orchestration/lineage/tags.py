"""Figures whose unit stands in the row: which column tells it, and where rows of one unit are chosen."""

from collections.abc import Sequence

from sqlglot import exp

from orchestration.lineage.queries import Output, Reference, Select, Target
from orchestration.lineage.units import ByRow, Unit


def find_tags(branches: Sequence[Select], columns: Sequence[str]) -> frozenset[str]:
    """The columns that hold another text in each branch, and so tell which branch a row is of."""
    tags = set()
    for position, column in enumerate(columns):
        texts = [
            find_text(branch.outputs[position].expression) for branch in branches if position < len(branch.outputs)
        ]
        if None not in texts and len(set(texts)) == len(branches):
            tags.add(column)
    return frozenset(tags)


def find_text(part: exp.Expression | Target) -> str | None:
    if isinstance(part, exp.Cast):
        return find_text(part.this)
    return part.name if isinstance(part, exp.Literal) and part.is_string else None


def find_choice(part: exp.Case | exp.If) -> str | None:
    """The column on whose texts a CASE decides (`case kpi when 'orders' then …`), None if it decides otherwise."""
    if isinstance(part, exp.If) or not isinstance(part.this, exp.Column):
        return None
    texts = all(isinstance(branch.this, exp.Literal) and branch.this.is_string for branch in part.args["ifs"])
    return part.this.name.lower() if texts else None


def rename_tags(unit: Unit, select: Select) -> Unit:
    """Tags by the names that the columns have outside of the SELECT; one that is left behind tells nothing any more."""
    if not isinstance(unit, ByRow):
        return unit
    return ByRow(frozenset(output.name for output in select.outputs if name_passed_on(output) in unit.tags))


def name_passed_on(output: Output) -> str | None:
    """The name that the column has inside, if it is one that is passed on as it is."""
    inner = output.expression
    if isinstance(inner, Reference):
        return inner.column
    return inner.name.lower() if isinstance(inner, exp.Column) else None


def choose(unit: Unit, conditions: Sequence[exp.Expression]) -> Unit:
    """Of what only holds where the column that tells the unit is one thing: rows of one unit."""
    equal = [part for condition in conditions for part in condition.find_all(exp.EQ)]
    told = {side.name.lower() for part in equal for side in (part.left, part.right) if isinstance(side, exp.Column)}
    if isinstance(unit, ByRow) and len(conditions) == 1 and told & unit.tags:
        return ByRow(unit.tags, is_chosen=True)
    return unit
