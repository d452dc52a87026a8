select
    {{ as_text('study_id') }} as study_id,
    {{ pseudonym('respondent_id') }} as respondent_id,
    {{ as_text('question') }} as question,
    lower({{ as_text('cell') }}) as cell,
    lower({{ as_text('answer') }}) as answer,
    {{ as_timestamp('answered_at') }} as answered_at,
    {{ as_text('stratum') }} as stratum,
    {{ as_text('campaign_id') }} as campaign_id,
    {{ identifier('customer_id') }} as customer_id,
    {{ provenance() }}
from {{ source('raw', 'brand_lift_answers') }}
