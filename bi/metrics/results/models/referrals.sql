-- Rows without a day precede all others.
select
    coalesce(day, min(day) over (), date '2000-01-01') as day,
    new_people,
    invites,
    registered
from {{ source('results', 'referral_daily') }}
