{{ config(**by_month('int_credits_moved')) }}
{%- set key = ['shop', 'order_id', 'touch_id'] -%}
-- Every credit begins with a sale.
with
    moved as (
        select credits.*
        from {{ ref('int_credits_moved') }} as credits {{ in_changed_months('credits', ref('int_credits_moved')) }}
    ),

    refunds as (
        select
            {{ key | join(', ') }}
            {%- for attribution_model in attribution_models() %}
                , sum({{ attribution_model }}_amount) as {{ attribution_model }}_amount
            {%- endfor %}
        from moved
        where kind = 'refund'
        group by {{ key | join(', ') }}
    )

select
    {%- for column in columns_of_credits() %} sales.{{ column }}, {%- endfor %}
    sales.order_month,
    sales.inputs_hash,
    {%- for attribution_model in attribution_models() %}
        sales.{{ attribution_model }}_ratio,
        cast(
            sales.{{ attribution_model }}_amount + coalesce(refunds.{{ attribution_model }}_amount, 0) as decimal(18, 2)
        ) as {{ attribution_model }}_revenue
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
from moved as sales
left join
    refunds on refunds.shop = sales.shop and refunds.order_id = sales.order_id and refunds.touch_id = sales.touch_id
where sales.kind = 'sale'
