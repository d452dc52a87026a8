{{ config(materialized='view') }}
{%- for model, attribution_models in [
    ('int_credits_by_rule', attribution_rules()),
    ('int_credits_by_effect', ['markov']),
] %}
{% if not loop.first %}union all{% endif %}
select
    {{ columns_of_credits() }},
    kind,
    moved_on
    {%- for attribution_model in attribution_weights() %}
    {%- set is_of_model = attribution_model in attribution_models %},
    {{ attribution_model ~ '_ratio' if is_of_model else 'cast(null as ' ~ type_double() ~ ')' }} as {{ attribution_model }}_ratio,
    {{ attribution_model ~ '_amount' if is_of_model else 'cast(null as decimal(18, 2))' }} as {{ attribution_model }}_amount
    {%- endfor %}
from {{ ref(model) }}
{%- endfor %}
