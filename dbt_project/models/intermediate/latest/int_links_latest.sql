{{ latest_rows(
    'links',
    key=['utm_source', 'utm_medium', 'utm_campaign', 'utm_content', 'utm_term', 'url', 'valid_from'],
    feeds=[ref('stg_extracts__links')],
) }}
