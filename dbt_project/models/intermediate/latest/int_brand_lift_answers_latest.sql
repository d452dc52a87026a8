{{ latest_rows(
    'brand_lift_answers',
    key=['study_id', 'respondent_id', 'question'],
    delivered=ref('int_brand_lift_answers_current'),
) }}
