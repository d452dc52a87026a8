-- One attribution model at a time: no metric can add up over them.
{%- set model = env_var('ATTRIBUTION_MODEL', 'last_touch') %}
{%- if execute %}
    {%- set known = run_query("select distinct attribution_model from " ~ source('results', 'daily')).columns[0].values() %}
    {%- if known and model not in known %}
        {%- do exceptions.raise_compiler_error("ATTRIBUTION_MODEL is " ~ model ~ "; it is one of " ~ known | sort | join(", ")) %}
    {%- endif %}
{%- endif %}
select *
from {{ source('results', 'daily') }}
where attribution_model = '{{ model }}'
