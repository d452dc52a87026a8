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
                matched_by,
                {{ 'is_self_referral' if evidence == 'referral' else 'false' }} as is_self_referral
            from {{ ref(model) }}
        {%- endfor %}
    ),

    -- Here, where the time zone is one constant: after another join, or a window,
    -- DuckDB looks it up again for each row, which takes five times as long or more.
    dated as (
        select touches.*, {{ day_in_zone('touches.touched_at', 'settings.timezone') }} as touched_on
        from touches
        cross join {{ ref('stg_plan__settings') }} as settings
    )

select
    dated.*,
    cast({{ dbt.date_trunc('month', 'orders.ordered_on') }} as date) as order_month,
    orders.is_renewal,
    -- All ids of a partner who has several have the same customer.
    dated.is_self_referral
    or coalesce(orders.customer_id in (people.customer_id, dated.partner_id), false) as is_self_purchase
from dated
inner join {{ ref('int_orders_sold') }} as orders on orders.shop = dated.shop and orders.order_id = dated.order_id
left join {{ ref('int_partners_as_people') }} as people on people.partner_id = dated.partner_id
