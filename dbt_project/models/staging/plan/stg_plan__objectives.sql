select objective_id, statement, owner, position from {{ source('plan', 'objectives') }}
