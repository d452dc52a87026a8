{{ config(meta={'dagster': {'ref': {'name': 'int_experiments_checked'}}}, severity='warn') }}
-- What happened before the treatment cannot come from it.
select
    'experiment ' || experiment_id || ': ' || outcomes_before_start || ' outcomes are from before it started' as problem
from {{ ref('int_experiments_checked') }}
where outcomes_before_start > 0
