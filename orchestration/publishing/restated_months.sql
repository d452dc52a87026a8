-- What changed in closed months between two versions. Tables <name>_before and <name>_after are those of the versions, with
-- the columns that both have; credits and monthly figures are those of the attribution model that counted in each.
-- $open_from is the first day of the first month that was not final. An order counts once, under the first that applies.
with
    versions as (
        select
            shop,
            order_id,
            before.order_id is not null as was_there,
            after.order_id is not null as is_there,
            date_trunc('month', before.ordered_on)::date as month_before,
            date_trunc('month', after.ordered_on)::date as month_after,
            before.customer_id as customer_before,
            after.customer_id as customer_after,
            (before.ordered_on, before.sold, before.cost_of_goods, before.is_renewal)
            is distinct from (after.ordered_on, after.sold, after.cost_of_goods, after.is_renewal) as is_corrected,
            (before.evidence, before.partner_id, before.campaign_id)
            is distinct from (after.evidence, after.partner_id, after.campaign_id) as has_another_winner,
            before.is_new_customer is distinct from after.is_new_customer as is_new_otherwise
        from orders_before as before
        full join orders_after as after using (shop, order_id)
    ),

    -- A person who has the same orders under another pseudonym is neither merged nor cut.
    people as (
        select distinct customer_before, customer_after
        from versions
        where was_there and is_there
    ),

    people_counted as (
        select
            *,
            count(*) over (partition by customer_before) as people_after,
            count(*) over (partition by customer_after) as people_before
        from people
    ),

    renamed as (
        select customer_before, customer_after
        from people_counted
        where people_before = 1 and people_after = 1 and customer_before <> customer_after
    ),

    shared_otherwise as (
        select distinct shop, order_id
        from
            (
                select shop, order_id, partner_id, relationship, campaign_id, credit_ratio from credits_before
                union all
                select shop, order_id, partner_id, relationship, campaign_id, - credit_ratio from credits_after
            )
        group by shop, order_id, partner_id, relationship, campaign_id
        having abs(sum(credit_ratio)) > 0.000001
    ),

    compared as (
        select
            versions.*,
            is_new_otherwise or has_another_winner or shares.order_id is not null as has_other_figures,
            has_another_winner or shares.order_id is not null as is_credited_otherwise,
            customer_before is distinct from customer_after as is_of_another,
            renamed.customer_before is not null as is_renamed
        from versions
        left join shared_otherwise as shares using (shop, order_id)
        left join renamed using (customer_before, customer_after)
    ),

    orders as (
        select
            shop,
            order_id,
            unnest(list_distinct([month_before, month_after])) as month,
            case
                when not was_there then 'late'
                when not is_there then 'gone'
                when is_corrected then 'corrected'
                when is_of_another and (has_other_figures or not is_renamed) then 'people'
                when is_credited_otherwise then 'credited'
                when is_new_otherwise then 'new'
            end as change
        from compared
    ),

    -- Months book refunds on their day: what all orders were sold for, less the net revenue of the month.
    refunds as (
        select month, sum(amount) as amount
        from
            (
                select date_trunc('month', ordered_on)::date as month, sold as amount from orders_after
                union all
                select month, - net_revenue from evidence_after
                union all
                select date_trunc('month', ordered_on)::date, - sold from orders_before
                union all
                select month, net_revenue from evidence_before
            )
        group by month
    ),

    costs as (
        select month, sum(cost_after - cost_before) as amount
        from
            (
                select
                    month,
                    partner_id,
                    coalesce(before.cost, 0) as cost_before,
                    coalesce(after.cost, 0) as cost_after
                from partners_before as before
                full join partners_after as after using (partner_id, month)
            )
        where cost_before <> cost_after
        group by month
    ),

    -- Earlier releases published a cost that nobody knows as 0, which is no other figure.
    figures_before as (
        select 'results.evidence' as mart, * from evidence_before
        union all by name
        select 'results.partners' as mart, * replace (coalesce(cost, 0) as cost) from partners_before
        union all by name
        select 'results.campaigns' as mart, * replace (coalesce(cost, 0) as cost) from campaigns_before
        union all by name
        select 'results.relationships' as mart, * replace (coalesce(cost, 0) as cost) from relationships_before
    ),

    figures_after as (
        select 'results.evidence' as mart, * from evidence_after
        union all by name
        select 'results.partners' as mart, * replace (coalesce(cost, 0) as cost) from partners_after
        union all by name
        select 'results.campaigns' as mart, * replace (coalesce(cost, 0) as cost) from campaigns_after
        union all by name
        select 'results.relationships' as mart, * replace (coalesce(cost, 0) as cost) from relationships_after
    ),

    figures as (
        select distinct mart, month
        from
            (
                (from figures_before except from figures_after)
                union all by name
                (from figures_after except from figures_before)
            )
    ),

    files as (
        select distinct orders.month, sources.file
        from orders
        inner join order_files as sources using (shop, order_id)
        where orders.change in ('late', 'corrected')
    ),

    changes as (
        select month, change, count(*) as orders, null as amount, null as name
        from orders
        where change is not null
        group by month, change

        union all

        select month, 'refunds', null, amount, null
        from refunds
        where amount <> 0

        union all

        select month, 'costs', null, amount, null
        from costs

        union all

        select month, 'figures', null, null, mart
        from figures

        union all

        select month, 'file', null, null, file
        from files
    )

select
    month,
    coalesce(any_value(orders) filter (change = 'late'), 0) as late_orders,
    coalesce(any_value(orders) filter (change = 'gone'), 0) as gone_orders,
    coalesce(any_value(orders) filter (change = 'corrected'), 0) as corrected_orders,
    coalesce(any_value(orders) filter (change = 'people'), 0) as orders_of_other_people,
    coalesce(any_value(orders) filter (change = 'credited'), 0) as orders_credited_otherwise,
    coalesce(any_value(orders) filter (change = 'new'), 0) as orders_of_new_or_returning,
    any_value(amount) filter (change = 'refunds') as refunds,
    any_value(amount) filter (change = 'costs') as costs,
    coalesce(list(name order by name) filter (change = 'figures'), []) as marts,
    coalesce(list(name order by name) filter (change = 'file'), []) as files
from changes
where month < $open_from
group by month
order by month
