select cast(range as date) as day
from range(
    (select min(day) from {{ ref('referrals') }}),
    (select max(day) + interval 1 day from {{ ref('referrals') }}),
    interval 1 day
)
