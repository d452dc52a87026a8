with
    answers as (
        select
            *,
            coalesce({{ as_text('response') }}, nullif({{ as_text('other_response') }}, 'FALSE')) as answer,
            coalesce({{ as_timestamp('provided_at') }}, {{ as_timestamp('inserted_at') }}) as answered_at
        from {{ source('raw', 'fairing_responses') }}
    )

select
    {{ as_text('attribution_question') }} as attribution_question,
    {{ as_text('partner_by_answer') }} as partner_by_answer,
    coalesce(
        {{ as_text('response_id') }},
        {{ dbt.hash("coalesce(" ~ as_text('order_id') ~ ", " ~ as_text('provided_at') ~ ", '') || '|' || " ~ as_text('question') ~ " || '|' || answer") }}
    ) as response_id,
    {{ as_text('question') }} as question,
    {{ as_text('question_id') }} as question_id,
    {{ as_text('option_id') }} as option_id,
    answer,
    coalesce(
        {{ as_boolean('is_clarification') }},
        {{ as_text('referring_question_id') }} is not null or {{ as_text('referring_question') }} is not null
    ) as is_clarification,
    {{ as_text('referring_question') }} as referring_question,
    {{ as_text('referring_question_id') }} as referring_question_id,
    {{ as_text('referring_option_id') }} as referring_option_id,
    answered_at,
    {{ as_text('order_id') }} as order_id,
    {{ identifier('customer_id') }} as customer_id,
    {{ provenance() }}
from answers
-- A question that was passed over has no answer.
where answer is not null
