select goal_id, version
from {{ ref('int_goal_counts_of_experiments') }}
where study_id is not null
group by goal_id, version
having count(distinct study_id || ' ' || question) > 1
