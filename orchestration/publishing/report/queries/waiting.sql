-- Partners with a broken commitment or an unanswered request: the first 20, and the number of all.
select
    partner_id,
    name,
    relationship,
    commitments_broken,
    requests_unanswered,
    oldest_unanswered_days,
    count(*) over () as partners
from relationships.partners
where commitments_broken > 0 or requests_unanswered > 0
order by oldest_unanswered_days desc nulls last, commitments_broken desc, partner_id
limit 20
