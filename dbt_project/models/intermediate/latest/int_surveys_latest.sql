-- An answer in people's own words stays in staging: it may
-- name anybody. The partner that it names is partner_id.
with
    answers as (
        {{ latest_rows_of_people('surveys', key=['response_id'], shop='latest.shop', feeds=[
        ref('stg_extracts__surveys'),
        ref('stg_fairing__surveys'),
        ref('stg_typeform__surveys'),
    ]) }}
    )

select response_id, answered_at, shop, order_id, customer_id, names_somebody, partner_id, {{ provenance() }}
from answers
