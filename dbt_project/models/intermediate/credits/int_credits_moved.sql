{{ config(materialized='view') }}
select
    rules.*,
    effects.markov_ratio,
    effects.markov_amount
from {{ ref('int_credits_by_rule') }} as rules
inner join {{ ref('int_credits_by_effect') }} as effects
    on effects.shop = rules.shop
    and effects.order_id = rules.order_id
    and effects.touch_id = rules.touch_id
    and effects.kind = rules.kind
    and effects.moved_on = rules.moved_on
