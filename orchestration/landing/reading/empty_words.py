"""Words that mean empty. The process that reads a workbook imports them, so nothing else is imported here."""

# What pandas reads as empty (pandas._libs.parsers.STR_NA_VALUES), without the empty text.
EMPTY_WORDS = (
    *("#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>"),
    *("N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
)
