{{ config(access='protected') }}
-- Open to other groups (access): who posts for which campaign. It has no counter of any post.
select distinct partner_id, campaign_id
from {{ ref('int_posts_latest') }}
where partner_id is not null and campaign_id is not null
