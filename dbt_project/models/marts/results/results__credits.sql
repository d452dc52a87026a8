{{ config(materialized='view') }}
with credits as (
    {{- by_attribution_model(
        ref('int_credits_after_refunds'),
        'shop, order_id, touch_id, partner_id, relationship, campaign_id, platform, evidence, touched_at',
        ['ratio', 'revenue']
    ) }}
)

select
    shop,
    order_id,
    attribution_model,
    touch_id,
    partner_id,
    relationship,
    campaign_id,
    platform,
    evidence,
    touched_at,
    ratio as credit_ratio,
    revenue as credited_revenue
from credits
