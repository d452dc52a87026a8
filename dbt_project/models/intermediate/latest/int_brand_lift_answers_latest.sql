{{ latest_rows('brand_lift_answers', ['study_id', 'respondent_id', 'question']) }}
