-- Undefined elements of the plan, each with up to 12 of the things that lack it.
with missing as (
    select
        case
            when goal_id is not null then 'goal'
            when campaign_id is not null then 'campaign'
            when partner_id is not null then 'partner'
            else 'objective'
        end as kind,
        coalesce(goal_id, campaign_id, partner_id, objective_id) as thing,
        element,
        why_it_matters
    from goals.undefined
)

select kind, element, why_it_matters, count(*) as things, list_sort(list(distinct thing))[:12] as first_things
from missing
group by kind, element, why_it_matters
order by list_position(['objective', 'goal', 'campaign', 'partner'], kind), element, why_it_matters
