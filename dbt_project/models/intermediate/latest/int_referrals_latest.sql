-- The referrer's own id stays in staging: it may be a customer's.
with
    delivered as ({{ latest_rows('referrals', key=['referral_id'], feeds=[ref('stg_extracts__referrals')]) }}),

    invitations as (
        select
            delivered.referral_id,
            delivered.referrer_id,
            -- Somebody sent the invitation: an account that is not known, or that several shops have, is a person of
            -- its own here.
            coalesce(
                {{ person_id('referrers', 'delivered.referrer_customer_id') }},
                {{ own_pseudonym('delivered.referrer_customer_id', "'(shared)'") }}
            ) as referrer_customer_id,
            delivered.invited_at,
            {{ person_id('referred', 'delivered.referred_customer_id') }} as referred_customer_id,
            delivered.registered_at,
            delivered.is_registered
        from delivered
        left join
            {{ ref('int_identities') }} as referrers on {{ is_identity('referrers', 'delivered.referrer_customer_id') }}
        left join
            {{ ref('int_identities') }} as referred on {{ is_identity('referred', 'delivered.referred_customer_id') }}
    ),

    -- A team without a roster names its partners elsewhere.
    partners as (
        select partner_id, max(customer_id) as customer_id
        from
            (
                select partner_id, customer_id
                from {{ ref('int_partners_identified') }}
                {%- for extract in ['codes', 'links', 'clicks', 'conversions', 'surveys', 'costs', 'commitments', 'requests'] %}
                    union all
                    select partner_id, null as customer_id
                    from {{ ref('int_' ~ extract ~ '_latest') }}
                {%- endfor %}
                union all
                select partner_id, null as customer_id
                from {{ ref('stg_plan__aliases') }}
            ) as named
        where partner_id is not null
        group by partner_id
    ),

    referrers_by_customer as (
        select customer_id, min(partner_id) as partner_id
        from {{ ref('int_partners_identified') }}
        where customer_id is not null
        group by customer_id
    )

select
    invitations.referral_id,
    coalesce(partners.partner_id, referrers_by_customer.partner_id, invitations.referrer_customer_id) as partner_id,
    case
        when partners.partner_id is not null then partners.customer_id else invitations.referrer_customer_id
    end as referrer_customer_id,
    partners.partner_id is null and referrers_by_customer.partner_id is null as is_referrer_only_a_customer,
    invitations.invited_at,
    invitations.referred_customer_id,
    -- By the person's id as a customer, or by the same id where the partner is not declared as a customer.
    coalesce(
        invitations.referred_customer_id in (partners.customer_id, invitations.referrer_customer_id), false
    ) as is_self_referral,
    invitations.registered_at,
    coalesce(invitations.is_registered, invitations.registered_at is not null) as is_registered
from invitations
left join partners on partners.partner_id = invitations.referrer_id
left join referrers_by_customer on referrers_by_customer.customer_id = invitations.referrer_customer_id
