select objective_id, step_id, statement, owner, due_on, done_on, position from {{ source('plan', 'steps') }}
