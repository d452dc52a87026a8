select as_of from {{ source('plan', 'today') }}
