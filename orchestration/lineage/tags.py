"""Figures whose unit differs by row: which column names it (its tag), and where rows of one unit are chosen."""

from collections.abc import Sequence

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from orchestration.lineage.units import ByRow, Unit


def find_tags(branches: Sequence[Scope], columns: Sequence[str]) -> frozenset[str]:
    """The columns that hold another text in each branch of a union, and so name the branch that a row is of."""
    tags = set()
    for position, column in enumerate(columns):
        outputs = [branch.expression.selects[position : position + 1] for branch in branches]
        texts = {find_text(output.unalias()) for [output] in filter(None, outputs)}
        if None not in texts and len(texts) == len(branches):
            tags.add(column)
    return frozenset(tags)


def find_text(part: exp.Expression) -> str | None:
    if isinstance(part, exp.Cast):
        return find_text(part.this)
    return part.name if isinstance(part, exp.Literal) and part.is_string else None


def name_column(part: exp.Expression) -> str:
    """The name of a column that is passed on as it is, also where sqlglot unites two for USING; "" of anything else."""
    if isinstance(part, exp.Coalesce):
        names = {name_column(argument) for argument in (part.this, *part.expressions)}
        return names.pop() if len(names) == 1 else ""
    return part.name if isinstance(part, exp.Column) else ""


def find_choice(part: exp.Case | exp.If) -> str | None:
    """The column on whose texts a CASE decides (`case kpi when 'orders' then …`), None if it decides otherwise."""
    if isinstance(part, exp.If) or not isinstance(part.this, exp.Column):
        return None
    texts = all(isinstance(branch.this, exp.Literal) and branch.this.is_string for branch in part.args["ifs"])
    return part.this.name.lower() if texts else None


def rename_tags(unit: Unit, select: exp.Select) -> Unit:
    """Tags by the names that the columns have outside of the SELECT; one that is not selected is lost."""
    if not isinstance(unit, ByRow):
        return unit
    return ByRow(frozenset(output.alias for output in select.expressions if name_column(output.unalias()) in unit.tags))


def choose(unit: Unit, conditions: Sequence[exp.Expression]) -> Unit:
    """Of a CASE that compares the tag with one text: rows of one unit."""
    equal = [part for condition in conditions for part in condition.find_all(exp.EQ)]
    compared = {side.name.lower() for part in equal for side in (part.left, part.right) if isinstance(side, exp.Column)}
    if isinstance(unit, ByRow) and len(conditions) == 1 and compared & unit.tags:
        return ByRow(unit.tags, is_chosen=True)
    return unit
