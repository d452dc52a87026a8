-- What nobody dated was here before everything else.
select
    coalesce(day, min(day) over (), date '2000-01-01') as day,
    new_people,
    invites,
    registered
from {{ source('results', 'referral_daily') }}
