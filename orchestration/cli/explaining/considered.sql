-- All that might have brought the order $order_id of $shop: what names it, and what is of its customer. `verdict` says
-- whether it counts, and if not, the first reason. The models of touches decide; this query only looks up which of their
-- conditions was not met.
with
    ordered as (
        select
            orders.*,
            settings.self_purchases,
            orders.ordered_at - settings.lookback_days * interval 1 day as looked_back_to,
            orders.ordered_at + interval 1 day as identified_until,
            settings.lookback_days || ' days' as lookback
        from intermediate.int_orders_priced as orders
        cross join staging.stg_plan__settings as settings
        where orders.shop = $shop and orders.order_id = $order_id
    ),

    found as (select * from intermediate.int_touches_found where shop = $shop and order_id = $order_id),

    counted as (select touch_id from intermediate.int_touches_counted where shop = $shop and order_id = $order_id),

    -- --- codes
    used as (
        select distinct upper(trim(part)) as code
        from (select unnest(string_split(discount_codes, ';')) as part from ordered)
        where trim(part) <> ''
    ),

    codes as (
        select
            'code' as evidence,
            used.code as item_id,
            ordered.ordered_at as happened_at,
            owned.partner_id,
            owned.campaign_id,
            case
                when owned.code is null then 'nobody owns this code'
                when owned.valid_from > ordered.ordered_at then strftime(owned.valid_from, 'owned only from %Y-%m-%d %H:%M')
                when owned.valid_to < ordered.ordered_at then strftime(owned.valid_to, 'expired at %Y-%m-%d %H:%M')
                else 'another owner of this code goes before'
            end as reason
        from used
        cross join ordered
        left join
            intermediate.int_codes_latest as owned
            on owned.code = used.code or (owned.is_prefix and starts_with(used.code, owned.code))
    ),

    -- --- what names an order or its customer
    numbers as (select number from intermediate.int_order_numbers where shop = $shop and order_id = $order_id),

    claims as (
        select
            claims.claim_type,
            claims.claim_id,
            coalesce(matched.shop = $shop and matched.order_id = $order_id, false) as is_of_order,
            case
                when matched.matched_by = 'ambiguous'
                then 'ambiguous: several orders are called ' || claims.order_number
                when matched.order_id is not null
                then 'is about order ' || matched.order_id || ' of ' || matched.shop
                when claims.shop <> ordered.shop
                then 'is of shop ' || claims.shop
                when claims.claimed_on <> ordered.ordered_on
                then coalesce('no order is called ' || claims.order_number || ', and it', 'it') || ' is of another day'
                when ordered.excluded_because is null
                then 'another claim is nearer to the order'
            end as reason
        from intermediate.int_claims as claims
        cross join ordered
        left join intermediate.int_claims_matched as matched using (claim_type, claim_id)
        where
            (matched.shop = $shop and matched.order_id = $order_id)
            or claims.order_number in (select number from numbers)
            or claims.person_id = ordered.customer_id
    ),

    conversions as (
        select
            'conversion' as evidence,
            conversions.conversion_id as item_id,
            conversions.converted_at as happened_at,
            conversions.partner_id,
            conversions.campaign_id,
            case
                when conversions.kind is null then 'does not say that it is a sale'
                when conversions.kind <> 'sale' then 'is a ' || conversions.kind || ', not a sale'
                when conversions.state = 'reversed' then 'reversed'
                when not claims.is_of_order then claims.reason
                when conversions.partner_id is null and conversions.campaign_id is null
                then 'names no partner and no campaign'
                when conversions.converted_at < ordered.looked_back_to
                then 'outside the lookback: more than ' || ordered.lookback || ' before the order'
            end as reason
        from intermediate.int_conversions_latest as conversions
        cross join ordered
        left join claims on claims.claim_type = 'conversion' and claims.claim_id = conversions.conversion_id
        where claims.claim_id is not null or conversions.customer_id = ordered.customer_id
    ),

    surveys as (
        select
            'survey' as evidence,
            surveys.response_id as item_id,
            surveys.answered_at as happened_at,
            surveys.partner_id,
            null as campaign_id,
            case
                when surveys.partner_id is null then 'names no partner'
                when not claims.is_of_order then claims.reason
                when claims.claim_id is null and surveys.answered_at > ordered.ordered_at then 'after the order'
                when claims.claim_id is null and surveys.answered_at < ordered.looked_back_to
                then 'outside the lookback: more than ' || ordered.lookback || ' before the order'
            end as reason
        from intermediate.int_surveys_latest as surveys
        cross join ordered
        left join claims on claims.claim_type = 'survey' and claims.claim_id = surveys.response_id
        where claims.claim_id is not null or surveys.customer_id = ordered.customer_id
    ),

    -- --- visits
    visited as (select visitor_id from intermediate.int_orders_visited where shop = $shop and order_id = $order_id),

    known as (
        select visitors.visitor_id, min(visitors.identified_at) as identified_at
        from intermediate.int_visitors_identified as visitors
        join ordered using (customer_id)
        group by visitors.visitor_id
    ),

    clicks as (
        select
            'click' as evidence,
            clicks.click_id as item_id,
            clicks.clicked_at as happened_at,
            clicks.partner_id,
            clicks.campaign_id,
            case
                when not clicks.is_touch and links.is_ambiguous then 'links of several owners fit it equally'
                when not clicks.is_touch then 'names no partner and no campaign, and no link fits it'
                when claims.is_of_order and clicks.clicked_at > ordered.identified_until
                then 'after the order, by more than a day'
                when clicks.customer_id <> ordered.customer_id then 'names another customer'
                when clicks.clicked_at > ordered.ordered_at then 'after the order'
                when clicks.clicked_at < ordered.looked_back_to
                then 'outside the lookback: more than ' || ordered.lookback || ' before the order'
                when visited.visitor_id is null and known.identified_at > ordered.identified_until
                then 'its browser was known as this customer too late: more than a day after the order'
                when visited.visitor_id is null and known.visitor_id is not null
                then 'its browser was last known as somebody else'
                when clicks.customer_id is not null and ordered.customer_id is null
                then 'names a customer, and who ordered is not known'
                else claims.reason
            end as reason
        from intermediate.int_clicks_owned as clicks
        cross join ordered
        left join intermediate.int_clicks_linked as links using (click_id)
        left join claims on claims.claim_type = 'click' and claims.claim_id = clicks.click_id
        left join visited on visited.visitor_id = clicks.visitor_id
        left join known on known.visitor_id = clicks.visitor_id
        where
            claims.claim_id is not null
            or clicks.customer_id = ordered.customer_id
            or visited.visitor_id is not null
            or known.visitor_id is not null
    ),

    referrals as (
        select
            'referral' as evidence,
            referrals.referral_id as item_id,
            coalesce(referrals.registered_at, referrals.invited_at) as happened_at,
            referrals.partner_id,
            null as campaign_id,
            case
                when coalesce(referrals.registered_at, referrals.invited_at) is null then 'does not say when'
                when coalesce(referrals.registered_at, referrals.invited_at) > ordered.ordered_at then 'after the order'
                when coalesce(referrals.registered_at, referrals.invited_at) < ordered.looked_back_to
                then 'outside the lookback: more than ' || ordered.lookback || ' before the order'
            end as reason
        from intermediate.int_referrals_latest as referrals
        join ordered on ordered.customer_id = referrals.referred_customer_id
    ),

    considered as (
        select * from codes
        union all
        select * from referrals
        union all
        select * from conversions
        union all
        select * from clicks
        union all
        select * from surveys
    ),

    judged as (
        select
            considered.*,
            found.matched_by,
            counted.touch_id is not null as counts,
            case
                when counted.touch_id is not null then 'counts'
                when ordered.excluded_because is not null then 'the order is no sale: ' || ordered.excluded_because
                when
                    found.is_self_referral or (found.is_self_purchase and ordered.self_purchases = 'exclude')
                then 'self-purchase: the partner is the customer'
                when found.is_renewal then 'the order is a renewal, and the plan credits the first order only'
                else coalesce(considered.reason, 'no rule counts it')
            end as verdict
        from considered
        cross join ordered
        left join
            found
            on found.touch_id = considered.evidence || ' ' || considered.item_id
            and found.partner_id is not distinct from considered.partner_id
            and found.campaign_id is not distinct from considered.campaign_id
        left join counted on counted.touch_id = found.touch_id
    )

select evidence, item_id, happened_at, partner_id, campaign_id, matched_by, counts, verdict
from judged
order by counts desc, happened_at desc nulls last, evidence, item_id, partner_id
