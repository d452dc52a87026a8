"""What functions do to units: a rule for each, by its node in sqlglot's tree. The result of any other is unknown."""

from sqlglot import exp

FUNCTIONS = {
    # The unit of the first argument stays, whatever the others are; also of a number that is still a text.
    "keep": (
        *(exp.Paren, exp.Neg, exp.Abs, exp.Round, exp.Floor, exp.Ceil, exp.Trunc, exp.Nullif, exp.Mod),
        *(exp.Filter, exp.Order, exp.Ordered, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup, exp.Distinct),
        *(exp.Trim, exp.Lower, exp.Upper, exp.Replace, exp.RegexpReplace, exp.Substring, exp.SplitPart),
        *(exp.Explode, exp.Bracket, exp.ArrayFilter),
        # One value of several rows.
        *(exp.AnyValue, exp.First, exp.Last, exp.ArgMax, exp.ArgMin, exp.FirstValue, exp.LastValue, exp.NthValue),
        *(exp.Lag, exp.Lead),
    ),
    # One figure of several rows, of the same unit.
    "summarise": (
        *(exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Median, exp.Mode, exp.PercentileCont, exp.PercentileDisc),
        *(exp.Quantile, exp.ApproxQuantile, exp.Stddev, exp.StddevPop, exp.StddevSamp),
    ),
    "square": (exp.Variance, exp.VariancePop),
    "count": (exp.Count, exp.CountIf, exp.ApproxDistinct),
    "unify": (exp.Coalesce, exp.Greatest, exp.Least, exp.Array),
    "bend": (exp.Ln, exp.Log, exp.Exp, exp.Sign),
    "rank": (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile),
    # A number that counts characters or elements, or that measures nothing.
    "size": (*(exp.Length, exp.ArraySize, exp.StrPosition, exp.Rand, exp.BitwiseRightShift, exp.BitwiseLeftShift),),
    "time": (exp.DateDiff, exp.TimestampDiff, exp.Interval),
    "moment": (
        *(exp.TimestampTrunc, exp.DateTrunc, exp.CurrentDate, exp.CurrentTimestamp, exp.UnixToTime, exp.StrToTime),
        *(exp.TimeToUnix, exp.DateAdd, exp.DateSub, exp.AtTimeZone, exp.Date, exp.LastDay, exp.GenerateSeries),
    ),
    "label": (
        *(exp.DPipe, exp.Concat, exp.GroupConcat, exp.ArrayToString, exp.Split, exp.TimeToStr, exp.Encode, exp.Unhex),
        *(exp.MD5, exp.SHA2, exp.RegexpExtract, exp.RegexpExtractAll, exp.JSONExtract, exp.JSONExtractScalar),
        *(exp.Extract, exp.Year, exp.Month, exp.Day, exp.DayOfWeek, exp.Boolean, exp.Contains),
        *(exp.LogicalOr, exp.LogicalAnd),
    ),
}
NAMES = {
    "moment": "timezone make_timestamp make_date try_strptime strptime to_timestamp today now",
    "label": "getvariable json_valid hash strftime list_contains",
}
"""Functions that sqlglot has no node for."""

RULES: dict[type | str, str] = {function: rule for rule, functions in FUNCTIONS.items() for function in functions}
RULES |= {name: rule for rule, names in NAMES.items() for name in names.split()}


def find_rule(node: exp.Expression) -> str | None:
    kinds = [node.name.lower()] if isinstance(node, exp.Anonymous) else type(node).__mro__
    return next((RULES[kind] for kind in kinds if kind in RULES), None)
