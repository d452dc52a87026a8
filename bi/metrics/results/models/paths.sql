select * from {{ source('results', 'paths') }}
