with
    -- Each counter separately: where the newest observation lacks one, its last known value counts.
    counters as (
        select
            post_id,
            max(observed_at) as observed_at,
            {%- for counter in post_counters() %}
                max_by({{ counter }}, observed_at) filter (where {{ counter }} is not null) as {{ counter }}
                {%- if not loop.last %},{% endif %}
            {%- endfor %}
        from {{ ref('int_post_metrics_latest') }}
        group by post_id
    ),

    -- Counters may arrive for a post that the posts export does not have: it is shown, with what is known.
    posts as (
        select post_id
        from {{ ref('int_posts_latest') }}
        union
        select post_id
        from counters
    )

select
    posts.post_id,
    described.partner_id,
    case
        when described.partner_id is null then '(unassigned)' else coalesce(history.relationship, 'unknown')
    end as relationship,
    described.platform,
    described.campaign_id,
    described.published_at,
    described.is_paid,
    described.is_disclosed,
    {%- for counter in post_counters() %} counters.{{ counter }}, {%- endfor %}
    case when counters.reach is not null then 'measured' end as reach_basis,
    counters.observed_at
from posts
left join {{ ref('int_posts_latest') }} as described on described.post_id = posts.post_id
left join counters on counters.post_id = posts.post_id
cross join {{ ref('stg_plan__settings') }} as settings
cross join {{ ref('stg_plan__today') }} as today
left join
    {{ ref('int_partner_relationships') }} as history
    on history.partner_id = described.partner_id
    and {{ is_valid_on('history', 'coalesce(' ~ day_in_zone('described.published_at', 'settings.timezone') ~ ', today.as_of)') }}
