select * from goals.steps order by objective_id, due_on nulls last, step_id
