{%- set key = ['shop', 'order_id', 'touch_id'] -%}
-- Every credit begins with a sale.
with
    refunds as (
        select
            {{ key | join(', ') }}
            {%- for attribution_model in attribution_models() %}
                , sum({{ attribution_model }}_amount) as {{ attribution_model }}_amount
            {%- endfor %}
        from {{ ref('int_credits_moved') }}
        where kind = 'refund'
        group by {{ key | join(', ') }}
    )

select
    {%- for column in columns_of_credits() %} sales.{{ column }}, {%- endfor %}
    {%- for attribution_model in attribution_models() %}
        sales.{{ attribution_model }}_ratio,
        cast(
            sales.{{ attribution_model }}_amount + coalesce(refunds.{{ attribution_model }}_amount, 0) as decimal(18, 2)
        ) as {{ attribution_model }}_revenue
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
from {{ ref('int_credits_moved') }} as sales
left join
    refunds on refunds.shop = sales.shop and refunds.order_id = sales.order_id and refunds.touch_id = sales.touch_id
where sales.kind = 'sale'
