-- One level at a time: each has all customers.
{%- set level = env_var('COHORT_LEVEL', 'relationship') %}
{%- if level not in ['programme', 'relationship', 'partner', 'campaign'] %}
    {%- do exceptions.raise_compiler_error("COHORT_LEVEL is " ~ level ~ "; it is programme, relationship, partner or campaign") %}
{%- endif %}
select *
from {{ source('results', 'cohorts') }}
where level = '{{ level }}'
