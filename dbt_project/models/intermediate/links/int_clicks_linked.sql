with
    fitting as (
        select clicks.click_id, links.link_id, fitting.named, links.partner_id, links.campaign_id
        from {{ ref('int_clicks_tagged') }} as clicks
        inner join {{ ref('int_links_fitting') }} as fitting on fitting.tag_set_id = clicks.tag_set_id
        inner join {{ ref('int_links_compared') }} as links on links.link_id = fitting.link_id
        where
            (links.valid_from is null or links.valid_from <= clicks.clicked_at)
            and (links.valid_to is null or links.valid_to >= clicks.clicked_at)
    ),

    most as (select click_id, max(named) as named from fitting group by click_id),

    best as (
        select
            fitting.click_id,
            count(distinct concat_ws(' ', fitting.partner_id, '/', fitting.campaign_id)) > 1 as is_ambiguous,
            min(fitting.partner_id) as partner_id,
            min(fitting.campaign_id) as campaign_id,
            {{ dbt.listagg('cast(fitting.link_id as ' ~ dbt.type_string() ~ ')', "' '", 'order by fitting.link_id') }}
            as link_ids
        from fitting
        inner join most on most.click_id = fitting.click_id and most.named = fitting.named
        group by fitting.click_id
    )

select
    click_id,
    is_ambiguous,
    case when not is_ambiguous then partner_id end as partner_id,
    case when not is_ambiguous then campaign_id end as campaign_id,
    link_ids
from best
