{{ config(materialized='table') }}
with
    orders as (
        select
            shop,
            nth_order,
            max(coalesce(order_id, order_name)) filter (where subtotal is not null) as order_id,
            min(order_name) as order_name,
            max(receipt_number) as receipt_number,
            max(payment_reference) as payment_reference,
            max(customer_email) as customer_email,
            max(phone) as phone,
            max(phone_country) as phone_country,
            min(created_at) as created_at,
            max(currency) as currency,
            max(taxes) as taxes,
            max(shipping) as shipping,
            max(subtotal) as subtotal,
            max(total) as total,
            max(refunded_amount) as refunded_amount,
            max(discount_amount) as discount_amount,
            max(discount_codes) as discount_codes,
            max(cancelled_at) as cancelled_at,
            max(financial_status) as financial_status,
            max(channel) as channel,
            max(region) as region,
            sum(line_amount) as line_amount,
            coalesce(sum(line_amount) filter (where line_kind = 'gift card'), 0) as gift_cards,
            coalesce(sum(line_amount) filter (where line_kind = 'tip'), 0) as tip_lines,
            _entry,
            _delivery,
            _delivery_order,
            _file,
            min(_row) as _row
        from {{ ref('stg_shopify__order_lines') }}
        where is_of_order
        group by shop, nth_order, _entry, _delivery, _delivery_order, _file
    ),

    -- What the total has beside merchandise and shipping: tax, a tip, or both.
    rests as (
        select
            *,
            total - subtotal - shipping as rest,
            tip_lines > 0 and abs(total - subtotal - shipping - tip_lines) < 0.015 as is_tip_alone,
            tip_lines > 0
            and abs(total - subtotal - shipping - coalesce(taxes, 0) - tip_lines) < 0.015 as is_tip_beside_tax,
            coalesce(discount_amount > line_amount - subtotal + 0.015, false) as has_shipping_discount,
            count(*) over (partition by _delivery, shop, receipt_number) as orders_of_receipt,
            count(*) over (partition by _delivery, shop, payment_reference) as orders_of_payment
        from orders
    ),

    -- Prices include tax where the total has no room for it. What is left is a tip then; where it is more than the
    -- tax and no line names it, it may as well be tax and tip, and prices are taken as without tax.
    merchandise as (
        select
            *,
            cast(
                line_amount
                - gift_cards
                - case when is_tip_alone or is_tip_beside_tax then tip_lines else 0 end as decimal(18, 2)
            ) as gross,
            coalesce(
                taxes > 0
                and (
                    abs(rest) < 0.015
                    or is_tip_alone
                    or (rest > 0 and rest < taxes - 0.015 and not is_tip_beside_tax and not has_shipping_discount)
                ),
                false
            ) as is_tax_included
        from rests
    ),

    -- A gift card is a liability until it is spent, and is not discounted.
    sold as (
        select
            *,
            case
                when gift_cards > 0 then greatest(least(subtotal - gift_cards, gross), 0) else subtotal
            end as after_discount
        from merchandise
    )

select
    *,
    case
        when is_tax_included and after_discount + shipping > 0
        then
            cast(
                round(
                    after_discount - cast(taxes * after_discount as {{ type_double() }}) / (after_discount + shipping),
                    2
                ) as decimal(18, 2)
            )
        else cast(after_discount as decimal(18, 2))
    end as net
from sold
