{{ config(access='protected') }}
-- Open to other groups (access): which paid posts are not disclosed. It has no counter of any post.
select post_id, partner_id, platform, campaign_id, published_at, url, is_disclosed
from {{ ref('int_posts_latest') }}
where is_paid and not coalesce(is_disclosed, false)
