-- Customers who were referred refer others. A chain that returns to its start ends there.
{%- set start -%}
    select referrer_id, customer_id, person_id
    from {{ ref('int_customers_referred') }}
{%- endset %}
{%- set step -%}
    select chains.referrer_id, referred.customer_id, referred.person_id
    from chains
    inner join {{ ref('int_customers_referred') }} as referred on referred.referrer_id = chains.person_id
{%- endset %}
with recursive {{ closure('chains', ['referrer_id', 'customer_id', 'person_id'], {}, start, step) }}

select distinct referrer_id, customer_id
from chains
where person_id <> referrer_id
