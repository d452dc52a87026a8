select * from {{ source('reach', 'daily') }}
