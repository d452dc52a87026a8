select
    {{ as_text('click_id') }} as click_id,
    {{ as_timestamp('clicked_at') }} as clicked_at,
    {{ as_text('partner_id') }} as partner_id,
    {{ as_text('campaign_id') }} as campaign_id,
    {{ identifier('customer_id') }} as customer_id,
    {{ pseudonym('visitor_id') }} as visitor_id,
    {{ as_text('shop') }} as shop,
    {{ as_text('order_id') }} as order_id,
    {{ as_text('utm_source') }} as utm_source,
    {{ as_text('utm_medium') }} as utm_medium,
    {{ as_text('utm_campaign') }} as utm_campaign,
    {{ as_text('utm_content') }} as utm_content,
    {{ as_text('utm_term') }} as utm_term,
    {{ as_page('url') }} as url,
    {{ provenance() }}
from {{ source('raw', 'clicks') }}
