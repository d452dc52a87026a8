{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='click_id', on_schema_change='fail',
    meta={'grows_by': 'deliveries'}
) }}

with clicks as (
    select *
    from {{ ref('int_clicks_latest') }}
    {%- if is_incremental() %}
    where click_id in (select click_id from {{ ref('int_clicks_latest') }} where {{ is_newly_delivered() }})
        -- All visits of the browsers that these name, or named when they were delivered before.
        or visitor_id in (
            select visitor_id
            from {{ ref('int_clicks_latest') }}
            where {{ is_newly_delivered() }} and visitor_id is not null
            union all
            select known.visitor_id
            from {{ this }} as known
            inner join {{ ref('int_clicks_latest') }} as latest
                on latest.click_id = known.click_id
            where latest.{{ is_newly_delivered() }} and known.visitor_id is not null
        )
    {%- endif %}
),

-- A browser belongs to the customer that it was last known to be.
known as (
    select
        visitor_id,
        customer_id,
        row_number() over (partition by visitor_id order by max(clicked_at) desc, customer_id) as nth_from_last
    from clicks
    where visitor_id is not null and customer_id is not null
    group by visitor_id, customer_id
)

select
    clicks.click_id,
    clicks.clicked_at,
    clicks.partner_id,
    clicks.campaign_id,
    lower(clicks.utm_source) as platform,
    coalesce(clicks.customer_id, known.customer_id) as customer_id,
    clicks.visitor_id,
    -- A direct visit is none.
    clicks.partner_id is not null or clicks.campaign_id is not null as is_touch
from clicks
left join known
    on known.visitor_id = clicks.visitor_id
    and known.nth_from_last = 1
