select goal_id, version, mart, numerator as measure
from {{ ref('int_goals_dated') }}
where numerator is not null

union

select goal_id, version, mart, denominator as measure
from {{ ref('int_goals_dated') }}
where denominator is not null
