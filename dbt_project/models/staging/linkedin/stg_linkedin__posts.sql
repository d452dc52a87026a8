with
    delivered as (
        select
            post_id,
            max(partner_id) as partner_id,
            max(campaign_id) as campaign_id,
            min(url) as url,
            max(case when post_type = 'sponsored' or ad_campaign is not null then 1 else 0 end) as was_promoted,
            _entry,
            _delivery,
            _delivery_order,
            _file,
            min(_row) as _row
        from {{ ref('stg_linkedin__post_rows') }}
        group by post_id, _entry, _delivery, _delivery_order, _file
    )

select
    post_id,
    partner_id,
    'linkedin' as platform,
    campaign_id,
    {{ linkedin_time('post_id') }} as published_at,
    url,
    cast(null as {{ dbt.type_string() }}) as topics,
    -- An ad that ended may be missing from a later export.
    max(was_promoted) over (partition by post_id order by _delivery_order) = 1 as is_paid,
    cast(null as boolean) as is_disclosed,
    {{ provenance() }}
from delivered
