select * from {{ source('relationships', 'commitments') }}
