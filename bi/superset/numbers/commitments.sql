select
    relationship,
    sum(commitments_made) as commitments_made,
    sum(commitments_kept) as commitments_kept,
    sum(commitments_late) as commitments_late,
    sum(commitments_broken) as commitments_broken,
    sum(requests) as requests,
    sum(requests_unanswered) as requests_unanswered,
    sum(value_received) as value_received
from relationships.partners
group by all
