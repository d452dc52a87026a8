select * from {{ source('results', 'orders') }}
