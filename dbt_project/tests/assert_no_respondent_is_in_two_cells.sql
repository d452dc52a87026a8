{{ config(meta={'dagster': {'ref': {'name': 'int_respondents_in_two_cells'}}}, severity='warn') }}
-- Who is exposed and control is evidence for neither: the study is invalid until its deliveries agree.
select 'study ' || study_id || ': ' || count(*) || ' respondents are in both cells' as problem
from {{ ref('int_respondents_in_two_cells') }}
group by study_id
