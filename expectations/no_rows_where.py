"""The expectation for everything that needs more than one column. Imports Great Expectations: import it lazily."""

from typing import Any, ClassVar

from great_expectations.compatibility import pydantic
from great_expectations.expectations.core import UnexpectedRowsExpectation


class ExpectNoRowsWhere(UnexpectedRowsExpectation):
    """No row of the table meets `condition`, a SQL condition; `{batch}` in it names the table, null is not met.

    The stock expectation also fetches every unexpected row; this one only counts them.
    """

    condition: str
    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

    @pydantic.root_validator(pre=True)
    def _select_by_condition(cls, values: dict[str, Any]) -> dict[str, Any]:
        return values | {"unexpected_rows_query": f"SELECT * FROM {{batch}} WHERE {values['condition']}"}

    def _validate(self, metrics: dict, runtime_configuration: dict | None = None, execution_engine: Any = None) -> dict:
        rows = metrics["unexpected_rows_query.row_count"]
        return {"success": rows == 0, "result": {"observed_value": rows, "unexpected_count": rows}}
