select * from results.brand_lift where stratum = 'all' order by first_answered_on nulls last, study_id, question
