-- Net revenue of the first partners and campaigns in the plan's attribution model ($model) beside first touch, linear and
-- their removal effects: those share the orders with a touch of the level, so they are compared and never added up.
with
    credits as (
        select 'partner' as level, partner_id as player, name, attribution_model, net_revenue
        from results.partners_all_time
        union all
        select 'campaign' as level, campaign_id as player, name, attribution_model, net_revenue
        from results.campaigns_all_time
    ),

    by_model as (
        select
            level,
            player,
            sum(net_revenue) filter (attribution_model = $model) as of_plan,
            sum(net_revenue) filter (attribution_model = 'first_touch') as first_touch,
            sum(net_revenue) filter (attribution_model = 'linear') as linear
        from credits
        group by level, player
    )

select
    removal.level,
    removal.name,
    by_model.of_plan,
    by_model.first_touch,
    by_model.linear,
    removal.net_revenue as by_removal,
    removal.share
from results.removal_effects_all_time as removal
left join by_model using (level, player)
where removal.level in ('partner', 'campaign')
qualify row_number() over (partition by removal.level order by removal.share desc, removal.player) <= 8
order by removal.level desc, removal.share desc, removal.player
