-- Commitments and requests by the relationship of the partners on as_of.
with answers as (
    select partners.relationship, median(answer_hours) as median_answer_hours
    from relationships.requests
    join relationships.partners using (partner_id)
    group by all
)

select
    relationship,
    sum(commitments_made)::bigint as commitments_made,
    sum(commitments_kept)::bigint as commitments_kept,
    sum(commitments_late)::bigint as commitments_late,
    sum(commitments_broken)::bigint as commitments_broken,
    sum(commitments_open)::bigint as commitments_open,
    sum(requests)::bigint as requests,
    sum(requests_answered)::bigint as requests_answered,
    sum(requests_unanswered)::bigint as requests_unanswered,
    any_value(answers.median_answer_hours) as median_answer_hours
from relationships.partners
left join answers using (relationship)
group by all
having sum(commitments_made) + sum(requests) > 0
order by relationship
