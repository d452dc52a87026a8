{%- set columns = 'moved_on, partner_id, relationship, is_connected, campaign_id, platform, evidence, is_new_customer' -%}
-- 0 where all movements are of another kind; null where the attribution model has no credit at all.
select
    {{ columns }}
    {%- for attribution_model in attribution_models() %}
        {%- set ratio, amount = attribution_model ~ '_ratio', attribution_model ~ '_amount' %},
        {{ sum_of_shares("case when kind = 'sale' or " ~ ratio ~ " is null then " ~ ratio ~ " else 0 end", 12) }}
        as {{ attribution_model }}_orders,
        cast(
            sum(case when kind in ('sale', 'refund') or {{ amount }} is null then {{ amount }} else 0 end) as decimal(
                18, 2
            )
        ) as {{ attribution_model }}_net_revenue,
        cast(
            sum(case when kind = 'cost_of_goods' or {{ amount }} is null then {{ amount }} else 0 end) as decimal(18, 2)
        ) as {{ attribution_model }}_cost_of_goods
    {%- endfor %}
from {{ ref('int_credits_moved') }}
where kind is not null
group by {{ columns }}
