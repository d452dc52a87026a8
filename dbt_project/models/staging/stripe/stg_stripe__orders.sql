with
    orders as (
        select
            *,
            -- An order that is paid in parts has several payments.
            sum(amount) over (partition by shop, order_id, currency) as paid,
            min(created_at) over (partition by shop, order_id) as ordered_at
        from {{ ref('stg_stripe__payments') }}
        qualify row_number() over (partition by shop, order_id order by _delivery_order desc, _row desc) = 1
    )

select
    shop,
    order_id,
    cast(null as {{ dbt.type_string() }}) as order_refs,
    cast(null as {{ dbt.type_string() }}) as customer_id,
    cast(null as {{ dbt.type_string() }}) as customer_email,
    cast(null as {{ dbt.type_string() }}) as customer_phone,
    ordered_at,
    currency,
    cast(paid as decimal(18, 2)) as gross,
    cast(null as decimal(18, 2)) as discount,
    cast(null as decimal(18, 2)) as tax,
    cast(null as decimal(18, 2)) as shipping,
    cast(paid as decimal(18, 2)) as net,
    cast(null as decimal(18, 2)) as cost_of_goods,
    cast(null as {{ dbt.type_string() }}) as discount_codes,
    'paid' as status,
    cast(null as boolean) as is_paid,
    cast(null as {{ dbt.type_string() }}) as channel,
    cast(null as {{ dbt.type_string() }}) as region,
    cast(null as boolean) as is_renewal,
    cast(null as boolean) as is_first_order,
    {{ provenance() }}
from orders
