select
    {{ as_text('study_id') }} as study_id,
    {{ pseudonym('respondent_id') }} as respondent_id,
    {{ as_text('question') }} as question,
    lower({{ as_text('cell') }}) as cell,
    case
        when {{ is_choice('answer', 'yes_choices') }} then 'yes' when {{ is_choice('answer', 'no_choices') }} then 'no'
    end as answer,
    {{ as_timestamp('recorded_at') }} as answered_at,
    {{ as_text('stratum') }} as stratum,
    {{ as_text('campaign_id') }} as campaign_id,
    {{ identifier('customer_id') }} as customer_id,
    {{ provenance() }}
from {{ source('raw', 'qualtrics_brand_lift') }}
