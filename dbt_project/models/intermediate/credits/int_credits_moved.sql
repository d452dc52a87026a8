{{ config(materialized='view') }}
{%- for model in ['int_credits_by_rule', 'int_credits_by_effect'] %}
{% if not loop.first %}union all{% endif %}
select
    {{ columns_of_credits() }},
    attribution_model,
    credit_ratio,
    kind,
    moved_on,
    amount
from {{ ref(model) }}
{%- endfor %}
