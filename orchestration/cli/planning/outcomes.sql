select * from intermediate.int_outcomes_of_people where measure = $measure
