with credited as (
    select
        shop,
        order_id,
        attribution_model,
        touch_id,
        max(credit_ratio) as credit_ratio,
        sum(amount) as credited_revenue
    from {{ ref('int_credits_moved') }}
    where kind in ('sale', 'refund')
    group by shop, order_id, attribution_model, touch_id
)

select
    credited.shop,
    credited.order_id,
    credited.attribution_model,
    credited.touch_id,
    touches.partner_id,
    -- What the partner was when they vouched, not what they are today.
    coalesce(spans.relationship, partners.relationship, '(unassigned)') as relationship,
    touches.campaign_id,
    touches.platform,
    touches.evidence,
    touches.touched_at,
    credited.credit_ratio,
    cast(credited.credited_revenue as decimal(18, 2)) as credited_revenue
from credited
inner join {{ ref('int_touches_counted') }} as touches
    on touches.shop = credited.shop
    and touches.order_id = credited.order_id
    and touches.touch_id = credited.touch_id
left join {{ ref('int_partners_known') }} as partners
    on partners.partner_id = touches.partner_id
left join {{ ref('int_partner_relationships') }} as spans
    on spans.partner_id = touches.partner_id
    and {{ holds_on('spans', 'touches.touched_on') }}
