select
    *,
    case
        when coalesce(likes, comments, shares, saves) is not null
            then coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0) + coalesce(saves, 0)
    end as engagements
from {{ source('reach', 'posts') }}
