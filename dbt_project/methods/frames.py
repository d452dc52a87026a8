"""Results as frames whose columns have the same types whether they hold rows or not, so that a table keeps its
types."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd


def build_frame(rows: Iterable[Mapping[str, Any]], dtypes: Mapping[str, str]) -> pd.DataFrame:
    """One column per entry of `dtypes`, in that order; what a row leaves out is missing."""
    records = [[row.get(column) for column in dtypes] for row in rows]
    return pd.DataFrame.from_records(records, columns=list(dtypes)).astype(dict(dtypes))
