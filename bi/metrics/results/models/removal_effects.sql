-- One level at a time: a partner, a campaign and a platform share the same orders.
{%- set level = env_var('REMOVAL_LEVEL', 'partner') %}
{%- if level not in ['partner', 'campaign', 'platform'] %}
    {%- do exceptions.raise_compiler_error("REMOVAL_LEVEL is " ~ level ~ "; it is partner, campaign or platform") %}
{%- endif %}
select *
from {{ source('results', 'removal_effects') }}
where level = '{{ level }}'
