with
    orders as (
        select
            {{ as_text('shop') }} as shop,
            {{ as_text('order_id') }} as order_id,
            {{ as_currency('currency') }} as currency,
            {{ as_boolean('taxes_included') }} as taxes_included,
            {{ is_not_deleted() }} as is_kept
        from ({{ newest_rows('fivetran_shopify_orders', ['shop', 'order_id']) | indent(8) }}) as newest
    ),

    gift_cards as (
        select {{ as_text('shop') }} as shop, {{ as_text('line_id') }} as line_id
        from ({{ newest_rows('fivetran_shopify_order_lines', ['shop', 'order_id', 'line_id']) | indent(8) }}) as newest
        where {{ as_boolean('is_gift_card') }} and {{ is_not_deleted() }}
    ),

    goods as (
        select
            {{ as_text('shop') }} as shop,
            {{ as_text('refund_id') }} as refund_id,
            {{ as_text('line_id') }} as line_id,
            {{ as_money('subtotal') }} as subtotal,
            {{ as_money('tax') }} as tax
        from
            ({{ newest_rows('fivetran_shopify_order_line_refunds', ['shop', 'line_refund_id']) | indent(8) }}) as newest
        where {{ is_not_deleted() }}
    ),

    good_sums as (
        select
            goods.shop,
            goods.refund_id,
            coalesce(sum(goods.subtotal) filter (where gift_cards.line_id is null), 0) as subtotal,
            coalesce(sum(goods.tax) filter (where gift_cards.line_id is null), 0) as tax
        from goods
        left join gift_cards on gift_cards.shop = goods.shop and gift_cards.line_id = goods.line_id
        group by goods.shop, goods.refund_id
    ),

    adjustments as (
        select
            {{ as_text('shop') }} as shop,
            {{ as_text('refund_id') }} as refund_id,
            {{ as_money('amount') }} as amount,
            {{ shopify_is_discrepancy('reason') }} as is_discrepancy
        from ({{ newest_rows('fivetran_shopify_order_adjustments', ['shop', 'adjustment_id']) | indent(8) }}) as newest
        where {{ is_not_deleted() }}
    ),

    adjustment_sums as (
        select shop, refund_id, coalesce(sum(amount) filter (where is_discrepancy), 0) as discrepancy
        from adjustments
        group by shop, refund_id
    ),

    refunds as (
        select
            {{ as_text('shop') }} as shop,
            {{ as_text('refund_id') }} as refund_id,
            {{ as_text('order_id') }} as order_id,
            {{ as_timestamp('refunded_at') }} as refunded_at,
            {{ as_currency('currency') }} as currency,
            {{ provenance() }}
        from ({{ newest_rows('fivetran_shopify_refunds', ['shop', 'refund_id']) | indent(8) }}) as newest
        where {{ is_not_deleted() }}
    ),

    of_fivetran as (
        select
            refunds.shop,
            refunds.refund_id,
            refunds.order_id,
            refunds.refunded_at,
            coalesce(orders.currency, refunds.currency) as currency,
            coalesce(orders.taxes_included, false) as taxes_included,
            good_sums.refund_id is not null or adjustment_sums.refund_id is not null as has_parts,
            coalesce(good_sums.subtotal, 0) as subtotal,
            coalesce(good_sums.tax, 0) as tax,
            coalesce(adjustment_sums.discrepancy, 0) as discrepancy,
            {{ provenance('refunds') }}
        from refunds
        left join orders on orders.shop = refunds.shop and orders.order_id = refunds.order_id
        left join good_sums on good_sums.shop = refunds.shop and good_sums.refund_id = refunds.refund_id
        left join
            adjustment_sums on adjustment_sums.shop = refunds.shop and adjustment_sums.refund_id = refunds.refund_id
        where coalesce(orders.is_kept, true)
    ),

    parsed as (
        select *, {{ airbyte_refunds('refunds') }} as refund
        from ({{ newest_rows('airbyte_shopify_orders', ['shop', 'order_id']) | indent(8) }}) as newest
        where {{ as_timestamp('deleted_at') }} is null
    ),

    of_airbyte as (
        select
            {{ as_text('shop') }} as shop,
            refund.id as refund_id,
            {{ as_text('order_id') }} as order_id,
            coalesce({{ as_timestamp('refund.processed_at') }}, {{ as_timestamp('refund.created_at') }}) as refunded_at,
            {{ as_currency('currency') }} as currency,
            coalesce({{ as_boolean('taxes_included') }}, false) as taxes_included,
            {{ airbyte_refund_sum('parts') }} > 0 as has_parts,
            {{ airbyte_refund_sum('subtotal') }} as subtotal,
            {{ airbyte_refund_sum('total_tax') }} as tax,
            {{ airbyte_refund_sum('discrepancy') }} as discrepancy,
            {{ provenance() }}
        from parsed
    ),

    amounts as (
        select
            *,
            case
                when has_parts
                then cast(subtotal - case when taxes_included then tax else 0 end - discrepancy as decimal(18, 2))
            end as amount
        from
            (
                select *
                from of_fivetran
                union all
                select *
                from of_airbyte
            ) as united
    )

select shop, refund_id, order_id, refunded_at, amount, currency, {{ provenance() }}
from amounts
where amount is null or amount <> 0
