with
    touches as (
        {%- for evidence, model in [
        ('click', 'int_touches_from_clicks'),
        ('code', 'int_touches_from_codes'),
        ('conversion', 'int_touches_from_conversions'),
        ('referral', 'int_touches_from_referrals'),
        ('survey', 'int_touches_from_surveys'),
    ] %}
            {% if not loop.first %}
                union all
            {% endif %}
            select
                shop,
                order_id,
                touch_id,
                '{{ evidence }}' as evidence,
                touched_at,
                partner_id,
                campaign_id,
                platform,
                matched_by
            from {{ ref(model) }}
        {%- endfor %}
    ),

    -- Here, where the time zone is one constant: after another join, or a window,
    -- DuckDB looks it up again for each row, which takes five times as long or more.
    dated as (
        select touches.*, {{ day_in_zone('touches.touched_at', 'settings.timezone') }} as touched_on
        from touches
        cross join {{ ref('stg_plan__settings') }} as settings
    ),

    ranked as (
        select dated.*, ranks.evidence_rank
        from dated
        inner join {{ ref('stg_plan__evidence_order') }} as ranks on ranks.evidence = dated.evidence
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
    count(*) over (partition by shop, order_id) as touches_of_order,
    min(touched_at) over (partition by shop, order_id) as first_touched_at,
    max(touched_at) over (partition by shop, order_id) as last_touched_at,
    row_number() over (partition by shop, order_id order by touched_at, evidence_rank, touch_id) as nth_from_first,
    row_number() over (partition by shop, order_id order by touched_at desc, evidence_rank, touch_id) as nth_from_last,
    row_number() over (partition by shop, order_id order by evidence_rank, touched_at desc, touch_id) as nth_by_evidence
from ranked
