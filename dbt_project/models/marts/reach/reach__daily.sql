select
    coalesce(posts.partner_id, '(unassigned)') as partner_id,
    coalesce(posts.platform, '(unknown)') as platform,
    coalesce(posts.campaign_id, '(unassigned)') as campaign_id,
    gained.day,
    {%- for counter in post_counters() %}
        cast(sum(gained.{{ counter }}) as bigint) as {{ counter }} {%- if not loop.last %},{% endif %}
    {%- endfor %}
from {{ ref('int_post_counters_gained') }} as gained
left join {{ ref('int_posts_latest') }} as posts on posts.post_id = gained.post_id
group by
    coalesce(posts.partner_id, '(unassigned)'),
    coalesce(posts.platform, '(unknown)'),
    coalesce(posts.campaign_id, '(unassigned)'),
    gained.day
