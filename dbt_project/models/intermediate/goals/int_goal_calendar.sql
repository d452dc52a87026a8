select goals.goal_id, goals.version, spine.day
from {{ ref('int_goals_dated') }} as goals
inner join
    (
        {{ day_spine(
        '(select min(starts_on) from ' ~ ref('int_goals_dated') ~ ')',
        '(select max(last_day) from ' ~ ref('int_goals_dated') ~ ')'
    ) | indent(4) }}
    ) as spine
    on spine.day between goals.starts_on and goals.last_day
