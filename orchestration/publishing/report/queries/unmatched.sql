select extract, source, reason, rows, examples, what_to_do
from results.unmatched
order by rows desc, extract, source, reason
