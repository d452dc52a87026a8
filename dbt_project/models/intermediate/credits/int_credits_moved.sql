{{ config(materialized='view') }}
-- Where all touches of an order are of one player, they have the same removal effect, and markov shares as linear does.
select
    rules.*,
    {%- for measure in ['ratio', 'amount'] %}
    case when effects.order_id is null then rules.linear_{{ measure }} else effects.markov_{{ measure }} end as markov_{{ measure }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
from {{ ref('int_credits_by_rule') }} as rules
left join {{ ref('int_credits_by_effect') }} as effects
    on effects.shop = rules.shop
    and effects.order_id = rules.order_id
    and effects.touch_id = rules.touch_id
    and effects.kind = rules.kind
    and effects.moved_on = rules.moved_on
