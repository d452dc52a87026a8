{{ config(materialized='table') }}
select
    {{ linkedin_id('url') }} as post_id,
    {{ as_text('partner_id') }} as partner_id,
    {{ as_text('campaign_id') }} as campaign_id,
    {{ as_text('url') }} as url,
    lower({{ as_text('post_type') }}) as post_type,
    {{ as_text('ad_campaign') }} as ad_campaign,
    {{ as_count('impressions') }} as impressions,
    {{ as_count('views') }} as views,
    {{ as_count('likes') }} as likes,
    {{ as_count('comments') }} as comments,
    {{ as_count('reposts') }} as reposts,
    {{ as_count('clicks') }} as clicks,
    {{ provenance() }}
from {{ source('raw', 'linkedin_posts') }}
