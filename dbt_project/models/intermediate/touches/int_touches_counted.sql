with
    ranked as (
        select touches.*, ranks.evidence_rank
        from {{ ref('int_touches_found') }} as touches
        inner join {{ ref('stg_plan__evidence_order') }} as ranks on ranks.evidence = touches.evidence
        cross join {{ ref('stg_plan__settings') }} as settings
        where
            not touches.is_self_referral
            and (settings.self_purchases = 'credit' or not touches.is_self_purchase)
            and (settings.renewals = 'all' or not coalesce(touches.is_renewal, false))
    )

select
    shop,
    order_id,
    touch_id,
    evidence,
    touched_at,
    touched_on,
    partner_id,
    campaign_id,
    platform,
    matched_by,
    order_month,
    count(*) over (partition by shop, order_id) as touches_of_order,
    min(touched_at) over (partition by shop, order_id) as first_touched_at,
    max(touched_at) over (partition by shop, order_id) as last_touched_at,
    row_number() over (partition by shop, order_id order by touched_at, evidence_rank, touch_id) as nth_from_first,
    row_number() over (partition by shop, order_id order by touched_at desc, evidence_rank, touch_id) as nth_from_last,
    row_number() over (partition by shop, order_id order by evidence_rank, touched_at desc, touch_id) as nth_by_evidence
from ranked
