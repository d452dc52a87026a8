select
    refunds.shop,
    refunds.movement_id as refund_id,
    coalesce(
        refunds.order_reference, payments.order_id, refunds.charge_id, refunds.source_id, refunds.movement_id
    ) as order_id,
    refunds.created_at as refunded_at,
    cast(- refunds.amount as decimal(18, 2)) as amount,
    refunds.currency,
    refunds._entry,
    refunds._delivery,
    refunds._delivery_order,
    refunds._file,
    refunds._row
from {{ ref('stg_stripe__movements') }} as refunds
left join
    {{ ref('stg_stripe__payments') }} as payments
    on payments.shop = refunds.shop
    and payments.charge_id = refunds.charge_id
where refunds.type in ('refund', 'payment_refund')
qualify row_number() over (partition by refunds._delivery, refunds._row order by payments.created_at desc) = 1
