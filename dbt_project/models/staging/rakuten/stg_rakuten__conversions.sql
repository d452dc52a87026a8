with
    delivered as (
        select
            {{ as_text('partner_id') }} as partner_id,
            {{ as_text('advertiser_id') }} as advertiser_id,
            {{ as_text('order_id') }} as order_id,
            {{ as_text('shop') }} as shop,
            {{ as_month_day_year('converted_on') }} as converted_on,
            coalesce({{ as_clock('converted_at') }}, '00:00') as converted_at,
            {{ as_text('sku') }} as sku,
            {{ as_money('sales') }} as sales,
            {{ as_money('commission') }} as commission,
            {{ as_currency('currency') }} as currency,
            lower({{ as_text('state') }}) as state,
            cast({{ as_month_day_year('processed_on') }} as {{ dbt.type_string() }})
            || ' '
            || coalesce({{ as_clock('processed_at') }}, '') as processed,
            _timezone,
            {{ provenance() }}
        from {{ source('raw', 'rakuten_transactions') }}
        where {{ is_current_delivery() }}
    ),

    -- A sale that is delivered again is the same sale; each return has its own processing time.
    items as (
        select *
        from delivered
        qualify
            row_number() over (
                partition by advertiser_id, order_id, sku, case when sales < 0 then processed end
                order by _delivery_order desc, _row desc
            )
            = 1
    ),

    orders as (
        select
            *,
            sum(sales) over (partition by advertiser_id, order_id) as sold,
            min(sales) over (partition by advertiser_id, order_id) as least,
            sum(commission) over (partition by advertiser_id, order_id) as earned,
            min(cast(converted_on as {{ dbt.type_string() }}) || ' ' || converted_at) over (
                partition by advertiser_id, order_id
            ) as ordered_at
        from items
        qualify row_number() over (partition by advertiser_id, order_id order by _delivery_order desc, _row desc) = 1
    )

select
    concat_ws('|', advertiser_id, order_id) as conversion_id,
    {{ to_utc('cast(ordered_at as timestamp)', '_timezone') }} as converted_at,
    partner_id,
    cast(null as {{ dbt.type_string() }}) as campaign_id,
    shop,
    order_id,
    cast(null as {{ dbt.type_string() }}) as customer_id,
    'sale' as kind,
    cast(1 as bigint) as orders,
    cast(sold as decimal(18, 2)) as revenue,
    currency,
    cast(earned as decimal(18, 2)) as commission,
    case when sold <= 0 and least < 0 then 'reversed' else state end as state,
    {{ provenance() }}
from orders
