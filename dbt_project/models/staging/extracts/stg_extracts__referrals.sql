select
    {{ as_text('referral_id') }} as referral_id,
    {{ as_text('referrer_id') }} as referrer_id,
    {{ identifier('referrer_id') }} as referrer_customer_id,
    {{ as_timestamp('invited_at') }} as invited_at,
    {{ identifier('referred_customer_id') }} as referred_customer_id,
    {{ as_timestamp('registered_at') }} as registered_at,
    {{ as_boolean('is_registered') }} as is_registered,
    {{ provenance() }}
from {{ source('raw', 'referrals') }}
