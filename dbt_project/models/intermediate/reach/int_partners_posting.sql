{{ config(access='protected') }}
-- Open to other groups (access): who posts. It has no counter of any post.
select distinct partner_id
from {{ ref('int_posts_latest') }}
where partner_id is not null
