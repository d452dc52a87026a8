select
    -- Only events have a time of 16 digits, and their session is browser and number together.
    case
        when length(trim(session_time)) = 16
        then {{ as_text('session_key') }} || '.' || {{ ga4_param('event_params', 'ga_session_id') }}
        else {{ as_text('session_key') }}
    end as click_id,
    {{ ga4_time('session_time') }} as happened_at,
    case when length(trim(session_time)) = 16 then {{ pseudonym('session_key') }} end as visitor_id,
    {{ identifier('user_id') }} as customer_id,
    coalesce(
        {{ ga4_text(ga4_field('collected_traffic_source', 'manual_source')) }},
        {{ ga4_text(ga4_param('event_params', 'source')) }},
        {{ ga4_text('session_source') }},
        {{ ga4_text("split_part(session_source_medium, ' / ', 1)") }}
    ) as utm_source,
    coalesce(
        {{ ga4_text(ga4_field('collected_traffic_source', 'manual_medium')) }},
        {{ ga4_text(ga4_param('event_params', 'medium')) }},
        {{ ga4_text('session_medium') }},
        {{ ga4_text("split_part(session_source_medium, ' / ', 2)") }}
    ) as utm_medium,
    coalesce(
        {{ ga4_text(ga4_field('collected_traffic_source', 'manual_campaign_name')) }},
        {{ ga4_text(ga4_param('event_params', 'campaign')) }},
        {{ ga4_text('session_campaign') }}
    ) as utm_campaign,
    coalesce(
        {{ ga4_text(ga4_field('collected_traffic_source', 'manual_content')) }},
        {{ ga4_text(ga4_param('event_params', 'content')) }},
        {{ ga4_text('session_content') }}
    ) as utm_content,
    {{ provenance() }}
from {{ source('raw', 'ga4_sessions') }}
