-- A platform's export has the post, the team's own list its partner: each fills in
-- what the other leaves empty. Where both have a value, the later delivery wins.
select
    post_id,
    {%- for column in ['partner_id', 'platform', 'campaign_id', 'published_at', 'url', 'topics', 'is_paid', 'is_disclosed'] %}
        max_by({{ column }}, _delivery_order) filter (where {{ column }} is not null) as {{ column }},
    {%- endfor %}
    max_by(_file, _delivery_order) as _file
from {{ ref('int_posts_per_entry') }}
group by post_id
