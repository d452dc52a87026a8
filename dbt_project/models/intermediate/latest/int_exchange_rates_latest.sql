{{ latest_rows('exchange_rates', key=['currency', 'valid_on'], feeds=[ref('stg_extracts__exchange_rates')]) }}
