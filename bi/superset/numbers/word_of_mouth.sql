select period, month, people, invites, registered, invites_per_person, invite_conversion, k_factor
from results.referral_totals
