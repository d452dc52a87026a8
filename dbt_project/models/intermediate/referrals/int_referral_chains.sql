-- Customers who were referred refer others. A chain that returns to its start ends there.
with recursive
    chains as (
        select referrer_id, customer_id, person_id
        from {{ ref('int_customers_referred') }} {{ recursive_union() }}

        select chains.referrer_id, referred.customer_id, referred.person_id
        from chains
        inner join {{ ref('int_customers_referred') }} as referred on referred.referrer_id = chains.person_id
    )

select distinct referrer_id, customer_id
from chains
where person_id <> referrer_id
