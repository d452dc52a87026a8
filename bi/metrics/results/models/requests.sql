select * from {{ source('relationships', 'requests') }}
