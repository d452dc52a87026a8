{{ config(access='protected') }}
-- Open to other groups (access): whose followers are counted, and not how many they are.
select distinct partner_id
from {{ ref('int_audiences_latest') }}
where partner_id is not null
