-- Staged before they are put together: how a delivery writes numbers and times is beside its own rows only.
with
    lines as (
        select
            {{ as_text('shop') }} as shop,
            {{ as_text('order_id') }} as order_id,
            coalesce({{ as_boolean('is_gift_card') }}, false) as is_gift_card,
            coalesce(
                {{ as_money('amount') }}, round({{ as_number('quantity') }} * {{ as_money('price') }}, 2)
            ) as amount
        from ({{ newest_rows('fivetran_shopify_order_lines', ['shop', 'order_id', 'line_id']) | indent(8) }}) as newest
        where {{ is_not_deleted() }}
    ),

    line_sums as (
        select
            shop,
            order_id,
            cast(sum(amount) as decimal(18, 2)) as line_amount,
            cast(sum(case when is_gift_card then amount end) as decimal(18, 2)) as gift_cards
        from lines
        group by shop, order_id
    ),

    codes as (
        select
            {{ as_text('shop') }} as shop,
            {{ as_text('order_id') }} as order_id,
            {{ as_text('code') }} as code,
            {{ as_count('nth_code') }} as nth_code
        from
            (
                {{ newest_rows('fivetran_shopify_order_discount_codes', ['shop', 'order_id', 'nth_code']) | indent(8) }}
            ) as newest
        where {{ is_not_deleted() }}
    ),

    code_lists as (
        select shop, order_id, {{ dbt.listagg('code', "';'", 'order by nth_code') }} as codes
        from codes
        group by shop, order_id
    ),

    orders as (
        {%- for vendor in ['fivetran', 'airbyte'] %}
            select
                {{ as_text('shop') }} as shop,
                {{ as_text('order_id') }} as order_id,
                {{ as_text('order_name') }} as order_name,
                {{ as_text('confirmation_number') }} as confirmation_number,
                {{ identifier('customer_id') }} as customer_id,
                {{ email_identifier('email') }} as customer_email,
                {{ phone_identifier("coalesce(nullif(trim(phone), ''), billing_phone)", "coalesce(nullif(trim(billing_country), ''), shipping_country)") }}
                as customer_phone,
                coalesce({{ as_text('shipping_country') }}, {{ as_text('billing_country') }}) as region,
                {{ as_text('channel') }} as channel,
                {{ as_timestamp('processed_at') }} as ordered_at,
                {{ as_timestamp('cancelled_at') }} as cancelled_at,
                lower({{ as_text('financial_status') }}) as financial_status,
                coalesce({{ as_boolean('is_test') }}, false) as is_test,
                {{ as_currency('currency') }} as currency,
                {{ as_boolean('taxes_included') }} as taxes_included,
                {{ as_money('line_items_price') }} as line_items_price,
                {{ as_money('subtotal') }} as subtotal,
                {{ as_money('tax') }} as tax,
                {{ as_money('shipping') }} as shipping,
                {{ as_money('tip') }} as tip,
                {{ as_money('total') }} as total,
                {%- if vendor == 'airbyte' %}
                    {{ airbyte_line_amount('lines', false) }} as line_amount,
                    {{ airbyte_line_amount('lines', true) }} as gift_cards,
                    {{ airbyte_codes('codes') }} as codes,
                {%- else %}
                    cast(null as decimal(18, 2)) as line_amount,
                    cast(null as decimal(18, 2)) as gift_cards,
                    cast(null as {{ dbt.type_string() }}) as codes,
                {%- endif %}
                {{ provenance() }}
            from ({{ newest_rows(vendor ~ '_shopify_orders', ['shop', 'order_id']) | indent(12) }}) as newest
            where {{ is_not_deleted() if vendor == 'fivetran' else as_timestamp('deleted_at') ~ ' is null' }}
            {%- if not loop.last %}

                union all
            {% endif %}
        {%- endfor %}
    ),

    merchandise as (
        select
            {{ columns_with('orders', 'codes', 'coalesce(orders.codes, code_lists.codes)') }},
            coalesce(orders.gift_cards, line_sums.gift_cards, 0) as liabilities,
            coalesce(orders.line_items_price, orders.line_amount, line_sums.line_amount)
            - coalesce(orders.gift_cards, line_sums.gift_cards, 0) as gross,
            -- What a total has beside merchandise, tax in it and tip is taken as shipping where that is not delivered.
            coalesce(
                orders.shipping, greatest(orders.total - orders.subtotal - coalesce(orders.tip, 0), 0)
            ) as taxed_shipping
        from orders
        left join line_sums on line_sums.shop = orders.shop and line_sums.order_id = orders.order_id
        left join code_lists on code_lists.shop = orders.shop and code_lists.order_id = orders.order_id
    ),

    -- A gift card is a liability until it is spent, and is not discounted.
    sold as (
        select
            *,
            case
                when liabilities > 0 then greatest(least(subtotal - liabilities, gross), 0) else subtotal
            end as after_discount
        from merchandise
    )

select
    shop,
    order_id,
    nullif(concat_ws(';', case when order_name <> order_id then order_name end, confirmation_number), '') as order_refs,
    customer_id,
    customer_email,
    customer_phone,
    ordered_at,
    currency,
    cast(gross as decimal(18, 2)) as gross,
    cast(gross - after_discount as decimal(18, 2)) as discount,
    tax,
    shipping,
    case
        when taxes_included and tax > 0 and after_discount + taxed_shipping > 0
        then
            cast(
                round(
                    after_discount
                    - cast(tax * after_discount as {{ type_double() }}) / (after_discount + taxed_shipping),
                    2
                ) as decimal(18, 2)
            )
        else cast(after_discount as decimal(18, 2))
    end as net,
    cast(null as decimal(18, 2)) as cost_of_goods,
    codes as discount_codes,
    case when is_test then 'test' when cancelled_at is not null then 'cancelled' else financial_status end as status,
    {{ shopify_is_paid('financial_status') }} as is_paid,
    channel,
    region,
    cast(null as boolean) as is_renewal,
    cast(null as boolean) as is_first_order,
    {{ provenance() }}
from sold
