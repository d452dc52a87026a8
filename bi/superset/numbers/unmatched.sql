select extract, source, reason, rows, first_day, last_day, what_to_do
from results.unmatched
