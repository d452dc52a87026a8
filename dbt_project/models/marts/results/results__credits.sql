with refunds as (
    select shop, order_id, attribution_model, touch_id, sum(amount) as amount
    from {{ ref('int_credits_moved') }}
    where kind = 'refund'
    group by shop, order_id, attribution_model, touch_id
)

select
    sales.shop,
    sales.order_id,
    sales.attribution_model,
    sales.touch_id,
    sales.partner_id,
    sales.relationship,
    sales.campaign_id,
    sales.platform,
    sales.evidence,
    sales.touched_at,
    sales.credit_ratio,
    cast(sales.amount + coalesce(refunds.amount, 0) as decimal(18, 2)) as credited_revenue
from {{ ref('int_credits_moved') }} as sales
left join refunds
    on refunds.shop = sales.shop
    and refunds.order_id = sales.order_id
    and refunds.attribution_model = sales.attribution_model
    and refunds.touch_id = sales.touch_id
where sales.kind = 'sale'
