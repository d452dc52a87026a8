-- Whoever shares a shop account is one person; the first of their ids by name is their person_id.
select
    partner_id,
    case
        when customer_id is not null then min(partner_id) over (partition by customer_id) else partner_id
    end as person_id,
    customer_id
from {{ ref('int_partners_named') }}
