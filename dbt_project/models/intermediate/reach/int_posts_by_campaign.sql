{{ config(access='protected') }}
-- A door in the wall around reach: who posts for which campaign. No counter of any post passes it.
select distinct partner_id, campaign_id
from {{ ref('int_posts_latest') }}
where partner_id is not null and campaign_id is not null
