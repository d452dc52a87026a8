{{ config(meta={'dagster': {'ref': {'name': 'int_units_in_two_arms'}}}, severity='warn') }}
-- Who is treated and not treated is evidence for neither: the experiment is invalid until its deliveries agree.
select 'experiment ' || experiment_id || ': ' || count(*) || ' units are in two arms' as problem
from {{ ref('int_units_in_two_arms') }}
group by experiment_id
