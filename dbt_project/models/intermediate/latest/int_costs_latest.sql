{{ latest_rows('costs', key=['cost_id'], feeds=[
    ref('stg_extracts__costs'),
    ref('stg_google__costs'),
    ref('stg_meta__costs'),
]) }}
