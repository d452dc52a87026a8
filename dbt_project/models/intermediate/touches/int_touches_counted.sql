with touches as (
    {%- for evidence, model in [
        ('click', 'int_touches_from_clicks'),
        ('code', 'int_touches_from_codes'),
        ('conversion', 'int_touches_from_conversions'),
        ('referral', 'int_touches_from_referrals'),
        ('survey', 'int_touches_from_surveys'),
    ] %}
    {% if not loop.first %}union all{% endif %}
    select
        shop,
        order_id,
        touch_id,
        '{{ evidence }}' as evidence,
        touched_at,
        partner_id,
        campaign_id,
        platform
    from {{ ref(model) }}
    {%- endfor %}
)

select
    touches.shop,
    touches.order_id,
    touches.touch_id,
    touches.evidence,
    touches.touched_at,
    {{ day_in_zone('touches.touched_at', 'settings.timezone') }} as touched_on,
    touches.partner_id,
    touches.campaign_id,
    touches.platform,
    count(*) over (partition by touches.shop, touches.order_id) as touches_of_order,
    min(touches.touched_at) over (partition by touches.shop, touches.order_id) as first_touched_at,
    max(touches.touched_at) over (partition by touches.shop, touches.order_id) as last_touched_at,
    row_number() over (
        partition by touches.shop, touches.order_id
        order by touches.touched_at, ranks.evidence_rank, touches.touch_id
    ) as nth_from_first,
    row_number() over (
        partition by touches.shop, touches.order_id
        order by touches.touched_at desc, ranks.evidence_rank, touches.touch_id
    ) as nth_from_last,
    row_number() over (
        partition by touches.shop, touches.order_id
        order by ranks.evidence_rank, touches.touched_at desc, touches.touch_id
    ) as nth_by_evidence
from touches
cross join {{ ref('stg_plan__settings') }} as settings
inner join {{ ref('stg_plan__evidence_order') }} as ranks
    on ranks.evidence = touches.evidence
