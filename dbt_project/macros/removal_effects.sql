{#-
    Removal effects of one chain (of each month, or of all), and what the field makes of them: each player's share of all
    effects, and that share of the orders and the net revenue with a touch of the level. Refunds are booked on their day.
    Cents that are left over go to the largest remainders, of equal ones to those that a hash puts first.
-#}
{% macro removal_effects_shared(by_month) -%}
    {%- set month = 'month' if by_month else 'cast(null as date)' -%}
    {%- set chain = 'level, month' -%}
    with
        orders as (
            select
                shop,
                order_id,
                count(partner_id) > 0 as has_partner,
                count(campaign_id) > 0 as has_campaign,
                count(platform) > 0 as has_platform
            from {{ ref('int_touches_counted') }}
            group by shop, order_id
        ),

        movements as (
            select
                orders.*,
                cast({{ dbt.date_trunc('month', 'movements.moved_on') }} as date) as month,
                case when movements.kind = 'sale' then 1 else 0 end as orders,
                movements.amount
            from {{ ref('int_revenue_movements') }} as movements
            inner join orders on orders.shop = movements.shop and orders.order_id = movements.order_id
            where movements.kind in ('sale', 'refund')
        ),

        totals as (
            {%- for level in published_levels() %}
                {% if not loop.first %}
                    union all
                {% endif %}
                select
                    '{{ level }}' as level,
                    {{ month }} as month,
                    cast(sum(orders) as bigint) as orders,
                    cast(sum(amount) * 100 as bigint) as cents
                from movements
                where has_{{ level }}
                group by {{ 'month' if by_month else '1, 2' }}
            {%- endfor %}
        ),

        effects as (
            select
                level,
                {{ 'cast(month as date)' if by_month else 'cast(null as date)' }} as month,
                substr(player, length(level) + 2) as player,
                removal_effect,
                removal_effect / cast(
                    sum(cast(removal_effect as decimal(38, 24))) over (
                        partition by level{{ ', month' if by_month }}
                    ) as {{ type_double() }}
                ) as share
            from {{ ref('int_removal_effects') if by_month else ref('int_removal_effects_all_time') }}
            where level <> 'credited'
        ),

        shared as (
            select effects.*, totals.orders, totals.cents, effects.share * totals.cents as exact
            from effects
            inner join totals on totals.level = effects.level {{ 'and totals.month = effects.month' if by_month }}
        ),

        floored as (
            select
                *,
                cast(floor(exact) as bigint) as whole,
                cents - sum(cast(floor(exact) as bigint)) over (partition by {{ chain }}) as cents_left,
                row_number() over (
                    partition by {{ chain }}
                    order by exact - floor(exact) desc, {{ dbt.hash("level || ' ' || player") }}, player
                ) as nth_remainder
            from shared
        )

    select
        floored.level,
        floored.player,
        coalesce(named.name, floored.player) as name,
        {{ 'floored.month,' if by_month }}
        floored.removal_effect,
        floored.share,
        floored.share * floored.orders as orders,
        cast(
            (
                floored.whole + case
                    when floored.nth_remainder <= floored.cents_left
                    then 1
                    -- Floating point may floor one share too high; the first gives the cent back.
                    when floored.nth_remainder = 1 and floored.cents_left < 0
                    then floored.cents_left
                    else 0
                end
            )
            / 100.0 as decimal(18, 2)
        ) as net_revenue
    from floored
    left join {{ ref('int_player_names') }} as named on named.player = floored.level || ' ' || floored.player
{%- endmacro %}

{#- The levels of results.removal_effects. -#}
{% macro published_levels() -%}
    {{ return(journey_levels().keys() | reject('equalto', 'credited') | list) }}
{%- endmacro %}
