"""The SELECTs of a set operation, side by side."""

from orchestration.lineage.queries import Query, Select


def find_branches(query: Query) -> list[Select]:
    """The SELECTs of a set operation, from left to right."""
    if isinstance(query, Select):
        return [query]
    return [*find_branches(query.left), *find_branches(query.right)]


def trace_columns(query: Query) -> list[list[tuple[Select, int | None]]]:
    """For each column: every branch, and the position of the column in it."""
    if isinstance(query, Select):
        return [[(query, position)] for position in range(len(query.outputs))]
    left, right = trace_columns(query.left), trace_columns(query.right)
    return [
        [*(left[mine] if mine is not None else []), *(right[theirs] if theirs is not None else [])]
        for mine, theirs in query.pairs
    ]
