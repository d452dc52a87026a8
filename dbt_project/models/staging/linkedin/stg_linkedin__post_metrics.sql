with
    kinds as (
        select *, case post_type when 'total' then 1 when 'organic' then 2 else 3 end as preference
        from {{ ref('stg_linkedin__post_rows') }}
    ),

    preferred as (
        select
            *,
            min(preference) over (partition by _delivery, post_id) as best,
            count(*) over (partition by _delivery, post_id, preference) as rows_of_kind
        from kinds
    )

select
    post_id,
    {{ delivered_at() }} as observed_at,
    impressions,
    cast(null as bigint) as reach,
    views,
    likes,
    comments,
    reposts as shares,
    cast(null as bigint) as saves,
    clicks,
    {{ provenance() }}
from preferred
-- Which of two rows of one kind holds the other is not known.
where preference = best and rows_of_kind = 1
