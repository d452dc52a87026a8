select
    posts.post_id,
    posts.partner_id,
    partners.name,
    posts.platform,
    posts.campaign_id,
    posts.published_at,
    posts.url,
    case when posts.is_disclosed is null then 'unknown' else 'not disclosed' end as disclosure
from {{ ref('int_posts_undisclosed') }} as posts
left join {{ ref('int_partners_latest') }} as partners on partners.partner_id = posts.partner_id
