select distinct day from {{ ref('gains') }}
