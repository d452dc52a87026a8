"""What the functions of the engine do to units, by their node in sqlglot's tree. What stands nowhere is unknown."""

from sqlglot import exp

KEEPS = (
    *(exp.Paren, exp.Neg, exp.Abs, exp.Round, exp.Floor, exp.Ceil, exp.Trunc, exp.Nullif, exp.Mod),
    *(exp.Filter, exp.Order, exp.Ordered, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup, exp.Distinct),
    *(exp.Trim, exp.Lower, exp.Upper, exp.Replace, exp.RegexpReplace, exp.Substring, exp.SplitPart),
    *(exp.Explode, exp.Bracket, exp.ArrayFilter),
)
"""The unit of the first argument stays, whatever the others are; also of a number that is still a text."""

PICKS = (
    *(exp.AnyValue, exp.First, exp.Last, exp.ArgMax, exp.ArgMin, exp.FirstValue, exp.LastValue, exp.NthValue),
    *(exp.Lag, exp.Lead),
)
"""One value of several rows, which keeps its unit."""

SUMMARISES = (
    *(exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Median, exp.Mode, exp.PercentileCont, exp.PercentileDisc),
    *(exp.Quantile, exp.ApproxQuantile, exp.Stddev, exp.StddevPop, exp.StddevSamp),
)
"""One figure of several rows, of the same unit."""

SQUARES = (exp.Variance, exp.VariancePop)
COUNTS = (exp.Count, exp.CountIf, exp.ApproxDistinct)
UNIFIES = (exp.Coalesce, exp.Greatest, exp.Least, exp.Array)
BENDS = (exp.Ln, exp.Log, exp.Exp, exp.Sign)
RANKS = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile)
SIZES = (exp.Length, exp.ArraySize, exp.StrPosition, exp.Rand, exp.BitwiseRightShift, exp.BitwiseLeftShift)
"""A number that counts characters or elements, or that measures nothing."""

TIMES = (exp.DateDiff, exp.TimestampDiff, exp.Interval)
MOMENTS = (
    *(exp.TimestampTrunc, exp.DateTrunc, exp.CurrentDate, exp.CurrentTimestamp, exp.UnixToTime, exp.StrToTime),
    *(exp.TimeToUnix, exp.DateAdd, exp.DateSub, exp.AtTimeZone, exp.Date, exp.LastDay, exp.GenerateSeries),
)
LABELS = (
    *(exp.DPipe, exp.Concat, exp.GroupConcat, exp.ArrayToString, exp.Split, exp.TimeToStr, exp.Encode, exp.Unhex),
    *(exp.MD5, exp.SHA2, exp.RegexpExtract, exp.RegexpExtractAll, exp.JSONExtract, exp.JSONExtractScalar),
    *(exp.Extract, exp.Year, exp.Month, exp.Day, exp.DayOfWeek, exp.Boolean, exp.Contains),
    *(exp.LogicalOr, exp.LogicalAnd),
)
BY_NAME = {
    "moment": {"timezone", "make_timestamp", "make_date", "try_strptime", "strptime", "to_timestamp", "today", "now"},
    "label": {"getvariable", "json_valid", "hash", "strftime", "list_contains"},
}
"""Functions that sqlglot has no node for."""

NUMBERS = exp.DataType.NUMERIC_TYPES
MOMENT_TYPES = exp.DataType.TEMPORAL_TYPES
