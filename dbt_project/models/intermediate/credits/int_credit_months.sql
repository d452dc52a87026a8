{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='order_month', on_schema_change='fail') }}
with
    touches as (
        select
            order_month,
            count(distinct shop || ' ' || order_id) as orders,
            count(*) as touches,
            sum(cast({{ hash_of_row('touches') }} as decimal(38, 0))) as touches_hash
        from {{ ref('int_touches_related') }} as touches
        group by order_month
    ),

    orders as (select distinct shop, order_id, order_month from {{ ref('int_touches_counted') }}),

    movements as (
        select
            orders.order_month,
            count(case when movements.kind = 'refund' then 1 end) as refunds,
            sum(cast({{ hash_of_row('movements') }} as decimal(38, 0))) as movements_hash
        from {{ ref('int_revenue_movements') }} as movements
        inner join orders on orders.shop = movements.shop and orders.order_id = movements.order_id
        group by orders.order_month
    ),

    effects as (
        select
            cast(month as date) as order_month,
            sum(cast({{ row_hash(['player', 'removal_effect']) }} as decimal(38, 0))) as effects_hash
        from {{ ref('int_removal_effects') }}
        where level = 'credited' and month is not null
        group by month
    ),

    months as (
        select
            touches.order_month,
            touches.orders,
            touches.touches,
            movements.refunds,
            touches.touches_hash,
            movements.movements_hash,
            effects.effects_hash,
            cast(
                {{ row_hash(['touches.touches_hash', 'movements.movements_hash', 'effects.effects_hash']) }} as decimal(
                    38, 0
                )
            ) as inputs_hash
        from touches
        inner join movements on movements.order_month = touches.order_month
        left join effects on effects.order_month = touches.order_month
    )

{% if is_incremental() %}
    select
        coalesce(months.order_month, before.order_month) as order_month,
        coalesce(months.orders, 0) as orders,
        coalesce(months.touches, 0) as touches,
        coalesce(months.refunds, 0) as refunds,
        months.touches_hash,
        months.movements_hash,
        months.effects_hash,
        months.inputs_hash,
        nullif(
            substr(
                {{ difference('months.orders', 'before.orders', 'order', 'orders') }}
                || {{ difference('months.touches', 'before.touches', 'touch', 'touches') }}
                || {{ difference('months.refunds', 'before.refunds', 'refund', 'refunds') }}
                || case
                    when
                        months.touches_hash is distinct from before.touches_hash
                        and months.touches is not distinct from before.touches
                    then ', other touches'
                    else ''
                end
                || case
                    when
                        months.movements_hash is distinct from before.movements_hash
                        and months.orders is not distinct from before.orders
                        and months.refunds is not distinct from before.refunds
                    then ', other amounts'
                    else ''
                end
                || case
                    when months.effects_hash is distinct from before.effects_hash then ', other removal effects' else ''
                end,
                3
            ),
            ''
        ) as change
    from months
    full outer join {{ this }} as before on before.order_month = months.order_month
{% else %} select *, cast(null as {{ dbt.type_string() }}) as change from months
{% endif %}
