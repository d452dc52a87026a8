{%- set measures = ['orders', 'net_revenue', 'new_customers', 'referred_customers', 'cost', 'contribution_margin'] -%}

with counted as (
    select
        goals.goal_id,
        daily.orders,
        daily.net_revenue,
        daily.new_customers,
        daily.referred_customers,
        daily.cost,
        daily.net_revenue - daily.cost_of_goods - daily.cost as contribution_margin
    from {{ ref('stg_plan__goals') }} as goals
    cross join {{ ref('stg_plan__settings') }} as settings
    inner join {{ ref('results__daily') }} as daily
        on daily.attribution_model = settings.attribution_model
        and daily.day between goals.starts_on and least(goals.ends_on, settings.as_of)
    left join {{ ref('evidence_tiers') }} as tiers
        on tiers.evidence = daily.evidence
    where {{ passes_filter('relationship', 'daily.relationship') }}
        and {{ passes_filter('partner', 'daily.partner_id') }}
        and {{ passes_filter('campaign', 'daily.campaign_id') }}
        -- A cost has no evidence, platform or kind of customer: it counts whichever of them the goal asks for.
        and (
            daily.evidence is null
            or (
                {{ passes_filter('platform', 'daily.platform') }}
                and {{ passes_filter('new_customers', 'cast(daily.is_new_customer as ' ~ dbt.type_string() ~ ')') }}
                and case goals.evidence
                    when 'experiment' then false
                    when 'tracked' then tiers.tier = 'tracked'
                    else true
                end
            )
        )
)

{% for measure in measures -%}
{% if not loop.first %}union all{% endif %}
select goal_id, '{{ measure }}' as measure, {{ sum_of_shares(measure) }} as value
from counted
group by goal_id
{% endfor %}
