with effects as (
    select touches.*, effects.removal_effect
    from {{ ref('int_touches_related') }} as touches
    inner join {{ ref('int_removal_effects') }} as effects
        on effects.player = touches.player
),

aged as (
    select
        *,
        -- Where all touches fall on one instant, the best evidence is both first and last; the next one is then last.
        max(case when nth_from_first = 1 and nth_from_last = 1 then 1 else 0 end) over (
            partition by shop, order_id
        ) as is_first_also_last,
        {{ seconds_between('touched_at', 'ordered_at') }} / 86400.0 as days_before,
        -- Weights relative to the newest touch: of touches a year before their order nothing would be left.
        min({{ seconds_between('touched_at', 'ordered_at') }}) over (
            partition by shop, order_id
        ) / 86400.0 as days_before_of_newest,
        count(*) over (partition by shop, order_id, player) as touches_of_player
    from effects
),

weighted as (
    select
        *,
        {%- for attribution_model, weight in attribution_weights().items() %}
        cast({{ weight }} as {{ type_double() }}) as {{ attribution_model }}_weight
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from aged
),

-- Relative to the largest of the order, so that fixed point holds them whatever their size.
scaled as (
    select
        *,
        {%- for attribution_model in attribution_weights() %}
        case
            when {{ attribution_model }}_weight > 0
                then {{ attribution_model }}_weight / max({{ attribution_model }}_weight) over (partition by shop, order_id)
        end as {{ attribution_model }}_share
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from weighted
)

select
    shop,
    order_id,
    touch_id,
    touched_at,
    evidence,
    partner_id,
    relationship,
    is_connected,
    campaign_id,
    platform,
    is_new_customer,
    nth_from_first,
    {%- for attribution_model in attribution_weights() %}
    -- Added up in fixed point, because the engine may add in any order and the last digit must not depend on it.
    {{ attribution_model }}_share / cast(sum(cast({{ attribution_model }}_share as decimal(38, 15))) over (
        partition by shop, order_id
    ) as {{ type_double() }}) as {{ attribution_model }}_ratio
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
from scaled
