{{ config(materialized='view') }}
with
    credits as (
        select
            touches.*,
            models.attribution_model,
            {{ of_attribution_model('ratio') | indent(4) }} as credit_ratio,
            {{ of_attribution_model('revenue') | indent(4) }} as credited_revenue
        from {{ ref('int_credits_after_refunds') }} as touches
        cross join {{ ref('attribution_models') }} as models
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
    credit_ratio,
    credited_revenue
from credits
where credit_ratio is not null
