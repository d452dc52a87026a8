{%- set columns = columns_of_credits() -%}
select
    {{ columns }}
    {%- for attribution_model in attribution_weights() %},
    max({{ attribution_model }}_ratio) as {{ attribution_model }}_ratio,
    cast(sum({{ attribution_model }}_amount) as decimal(18, 2)) as {{ attribution_model }}_revenue
    {%- endfor %}
from {{ ref('int_credits_moved') }}
where kind in ('sale', 'refund')
group by {{ columns }}
