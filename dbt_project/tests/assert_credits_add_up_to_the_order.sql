{{ config(meta={'dagster': {'ref': {'name': 'int_credits_after_refunds'}}}) }}
-- An order with evidence has credits under each attribution model, of which
-- the ratios sum to 1 and the revenue to the order's net revenue, to the cent;
-- an order without evidence has none. (results.credits shows them in rows.)
with
    by_order as (
        select
            shop,
            order_id
            {%- for attribution_model in attribution_models() %}
                ,
                sum({{ attribution_model }}_ratio) as {{ attribution_model }}_ratio,
                sum({{ attribution_model }}_revenue) as {{ attribution_model }}_revenue
            {%- endfor %}
        from {{ ref('int_credits_after_refunds') }}
        group by shop, order_id
    )

select
    coalesce(orders.shop, credits.shop) as shop,
    coalesce(orders.order_id, credits.order_id) as order_id,
    orders.evidence,
    orders.net_revenue
    {%- for attribution_model in attribution_models() %}
        , credits.{{ attribution_model }}_ratio, credits.{{ attribution_model }}_revenue
    {%- endfor %}
from {{ ref('results__orders') }} as orders
full outer join by_order as credits on credits.shop = orders.shop and credits.order_id = orders.order_id
where
    orders.order_id is null or (credits.order_id is null) <> (orders.evidence = 'none')
    {%- for attribution_model in attribution_models() %}
        or (
            credits.order_id is not null
            and coalesce(
                abs(credits.{{ attribution_model }}_ratio - 1) > 1e-9
                or credits.{{ attribution_model }}_revenue <> orders.net_revenue,
                true
            )
        )
    {%- endfor %}
