{{ config(access='protected') }}
-- A door in the wall around reach: which paid posts do not say so. No counter of any post passes it.
select
    post_id,
    partner_id,
    platform,
    campaign_id,
    published_at,
    url,
    is_disclosed
from {{ ref('int_posts_latest') }}
where is_paid
    and not coalesce(is_disclosed, false)
