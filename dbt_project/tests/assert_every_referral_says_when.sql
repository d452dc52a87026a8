{{ config(meta={'dagster': {'ref': {'name': 'int_referrals_latest'}}}, severity='warn') }}
-- Of an invitation without any time it is not known whether it came before an order, so it is a touch of none.
select
    'invitation '
    || referral_id
    || ' says neither when it was sent nor when somebody registered; deliver invited_at or registered_at' as problem
from {{ ref('int_referrals_latest') }}
where invited_at is null and registered_at is null
