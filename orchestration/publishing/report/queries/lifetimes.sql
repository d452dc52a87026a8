-- What a customer has bought by the end of each month since their first order, by who brought them: only months that are
-- over, and only cohorts that have reached them. `share` is the figure beside the highest, 0 to 1, for the shade.
with
    cells as (
        select
            case when level = 'programme' then 0 when brought_by like '(not%' then 1 else 2 end as place,
            brought_by,
            months_since,
            sum(customers)::bigint as customers,
            sum(customers * cumulative_net_revenue_per_customer) / sum(customers) as ltv
        from results.cohorts
        where
            is_complete
            and (level = 'programme' or (level = 'relationship' and not brought_by like '(not%'))
            and months_since <= 11
        group by all
    )

select
    case when brought_by like '(not%' then 1 else place end as place,
    brought_by,
    months_since,
    customers,
    ltv,
    ltv / nullif(max(ltv) over (), 0) as share
from cells
order by 1, brought_by, months_since
