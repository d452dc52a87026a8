-- What an experiment on the KPI compares; null where effects cannot be added up or are not known by order.
select
    case
        when numerator = 'incremental_revenue' then 'net_revenue'
        when
            denominator is null
            and numerator in ('net_revenue', 'contribution_margin', 'orders', 'new_customers', 'referred_customers')
        then numerator
    end
from staging.kpis
where kpi = $kpi
