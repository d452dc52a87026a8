{{ config(meta={'dagster': {'ref': {'name': 'int_links_ambiguous'}}}, severity='warn') }}
-- Such a visit is credited to none of their owners.
select problem
from {{ ref('int_links_ambiguous') }}
