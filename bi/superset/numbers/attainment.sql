select goal_id, attainment as attainment_of_goal from goals.progress
