select study_id, respondent_id
from {{ ref('int_brand_lift_answers_current') }}
group by study_id, respondent_id
having count(distinct cell) > 1
