select
    {{ as_currency('currency') }} as currency,
    {{ as_date('valid_on') }} as valid_on,
    cast({{ as_number('rate') }} as decimal(18, 8)) as rate,
    {{ provenance() }}
from {{ source('raw', 'exchange_rates') }}
