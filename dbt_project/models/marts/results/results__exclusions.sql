select
    excluded_because as reason,
    cast({{ dbt.date_trunc('month', 'ordered_on') }} as date) as month,
    count(*) as orders,
    cast(sum(net) as decimal(18, 2)) as net
from {{ ref('int_orders_priced') }}
where excluded_because is not null
group by excluded_because, cast({{ dbt.date_trunc('month', 'ordered_on') }} as date)
