{#- What is missing, in words, where a condition holds; the first that holds is said. -#}
{%- set gaps = {
    'orders': [
        ('facts.orders = 0', "'no order was delivered: add an entry that feeds orders to extracts.yml'"),
        (
            "facts.newest_order_on < goals.starts_on and needed.measure not in ('revenue_180', 'customers_180')",
            "'the newest order is of ' || facts.newest_order_on || ', before the first day of the goal: deliver the orders since'",
        ),
    ],
    'evidence': [(
        "not facts.has_tracked and (goals.evidence = 'tracked' or not facts.has_said)",
        "'nothing that was delivered says who brought an order: add an entry that feeds codes, clicks, conversions or referrals'",
    )],
    'known_customers': [(
        'facts.orders_of_known_customers = 0',
        "'no order says who bought, so nobody knows who is new: map customer_id or customer_email in the entry that feeds orders'",
    )],
    'cost_of_goods': [(
        'facts.orders_with_cost_of_goods = 0',
        "'no order has a cost_of_goods, so no margin is known: map it in the entry that feeds orders (0 where goods cost nothing)'",
    )],
    'cost': [(
        'costs.goal_id is null',
        "'no cost of these days is known: add it to an entry that feeds costs'",
    )],
    'referrals': [(
        'facts.referrals = 0', "'no invitation was delivered: add an entry that feeds referrals to extracts.yml'",
    )],
    'referral_days': [(
        'facts.registrations > 0 and facts.registrations_with_day = 0',
        "'none of the ' || " ~ readable_count('facts.registrations') ~ " || ' registrations has a date: map registered_at or invited_at in the entry that feeds referrals'",
    )],
    'commitments': [
        (
            'facts.commitments = 0',
            "'no commitment was delivered: add an entry that feeds commitments to extracts.yml'",
        ),
        (
            'facts.commitments_with_day = 0',
            "'none of the ' || " ~ readable_count('facts.commitments') ~ " || ' commitments has a due_on: map it in the entry that feeds commitments'",
        ),
    ],
    'requests': [(
        'facts.requests = 0', "'no request was delivered: add an entry that feeds requests to extracts.yml'",
    )],
} -%}
{%- for kind in ['lead', 'signup', 'install'] -%}
    {%- do gaps.update({
        kind ~ 's': [(
            'facts.' ~ kind ~ 's = 0',
            "'no conversion of the kind " ~ kind ~ " was delivered: set kind in the entry that feeds conversions'",
        )]
    }) -%}
{%- endfor -%}
{#- What each measure cannot be counted without; a measure that is not here needs nothing. -#}
{%- set needs = {
    'net_revenue': ['orders', 'evidence'],
    'orders': ['orders', 'evidence'],
    'new_customers': ['orders', 'evidence', 'known_customers'],
    'referred_customers': ['orders', 'referrals', 'known_customers'],
    'contribution_margin': ['orders', 'evidence', 'cost_of_goods'],
    'cost': ['cost'],
    'customers': ['orders', 'evidence', 'known_customers'],
    'customers_180': ['orders', 'evidence', 'known_customers'],
    'leads': ['leads'],
    'signups': ['signups'],
    'installs': ['installs'],
    'registered': ['referrals', 'referral_days'],
    'commitments_due': ['commitments'],
    'answer_hours': ['requests'],
} -%}
with
    facts as (
        select
            orders.*,
            codes.found or clicks.found or conversions.found or referrals.invitations > 0 as has_tracked,
            surveys.found as has_said,
            actions.*,
            referrals.invitations as referrals,
            referrals.registrations,
            referrals.registrations_with_day,
            commitments.*,
            requests.requests
        from
            (
                select
                    count(*) as orders,
                    max(ordered_on) as newest_order_on,
                    count(is_new_customer) as orders_of_known_customers,
                    count(case when has_cost_of_goods then 1 end) as orders_with_cost_of_goods
                from {{ ref('results__orders') }}
            ) as orders
        {%- for extract in ['codes', 'clicks', 'conversions', 'surveys'] %}
            cross join (select count(*) > 0 as found from {{ ref('int_' ~ extract ~ '_latest') }}) as {{ extract }}
        {%- endfor %}
        cross join
            (
                select
                    coalesce(sum(leads), 0) as leads,
                    coalesce(sum(signups), 0) as signups,
                    coalesce(sum(installs), 0) as installs
                from {{ ref('results__actions') }}
            ) as actions
        cross join
            (
                select
                    coalesce(sum(invites), 0) as invitations,
                    coalesce(sum(registered), 0) as registrations,
                    coalesce(sum(case when day is not null then registered end), 0) as registrations_with_day
                from {{ ref('results__referral_daily') }}
            ) as referrals
        cross join
            (
                select count(*) as commitments, count(due_on) as commitments_with_day
                from {{ ref('relationships__commitments') }}
            ) as commitments
        cross join (select count(*) as requests from {{ ref('relationships__requests') }}) as requests
    ),

    costs as (
        select goal_id, version
        from {{ ref('int_goal_counts_of_daily') }}
        where measure = 'cost' and amount is not null
        group by goal_id, version
    ),

    missing as (
        select
            goals.goal_id,
            goals.version,
            case
                {%- for measure, names in needs.items() %}
                    {%- for name in names %}
                        {%- for condition, text in gaps[name] %}
                            when needed.measure = '{{ measure }}' and {{ condition }} then {{ text }}
                        {%- endfor %}
                    {%- endfor %}
                {%- endfor %}
            end as reason,
            case when needed.measure = goals.numerator then 1 else 2 end as place
        from {{ ref('int_goals_dated') }} as goals
        inner join
            {{ ref('int_goal_measures_needed') }} as needed
            on needed.goal_id = goals.goal_id
            and needed.version = goals.version
        cross join facts
        left join costs on costs.goal_id = goals.goal_id and costs.version = goals.version
        where not goals.needs_experiment

        union all

        select goal_id, version, state as reason, 1 as place
        from {{ ref('int_goal_experiments') }}
        where
            lacks_day
            -- Where another experiment counts, the figure is known.
            and goal_id || ' ' || version
            not in (select goal_id || ' ' || version from {{ ref('int_goal_experiments') }} where is_counted)
    )

select goal_id, version, reason
from missing
where reason is not null
qualify row_number() over (partition by goal_id, version order by place, reason) = 1
