{{ config(meta={'dagster': {'ref': {'name': 'int_credits_after_refunds'}}}) }}
-- What results.credits shows once for each attribution model.
select credits.shop, credits.order_id, credits.touch_id, credits.touched_at, orders.ordered_at
from {{ ref('int_credits_after_refunds') }} as credits
inner join {{ ref('results__orders') }} as orders on orders.shop = credits.shop and orders.order_id = credits.order_id
cross join {{ ref('stg_plan__settings') }} as settings
where
    credits.touched_at > orders.ordered_at
    or credits.touched_at < orders.ordered_at - settings.lookback_days * interval '1' day
