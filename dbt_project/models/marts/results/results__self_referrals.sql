select referral_id, partner_id as referrer_id, invited_at, registered_at
from {{ ref('int_referrals_latest') }}
where is_self_referral
