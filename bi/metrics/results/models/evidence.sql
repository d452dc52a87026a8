select * from {{ source('results', 'evidence') }}
