select * from {{ source('results', 'actions') }}
