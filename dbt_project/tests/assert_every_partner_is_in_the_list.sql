{{ config(meta={'dagster': {'ref': {'name': 'int_partners_unlisted_described'}}}, severity='warn') }}
-- They count as partners whose relationship is unknown, and what they brought is not that of whoever was meant.
select problem
from {{ ref('int_partners_unlisted_described') }}
