-- Orders up to the day that the report answers for, by tier as in results.evidence; a later refund of them counts.
select
    case
        when evidence in ('code', 'referral', 'conversion', 'click') then 'tracked'
        when evidence = 'survey' then 'said'
        when is_renewal then 'renewal'
        else 'untracked'
    end as evidence,
    count(*)::bigint as orders,
    sum(net_revenue) as net_revenue
from results.orders
where ordered_on <= $as_of
group by 1
order by 1
