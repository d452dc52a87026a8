-- Partners whom we owe something; the first few, and how many there are.
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
