{{ latest_rows_of_people(
    'brand_lift_answers',
    key=['study_id', 'respondent_id', 'question'],
    delivered=ref('int_brand_lift_answers_current'),
) }}
