with
    dated as (
        select
            requests.*,
            {{ day_in_zone('requests.asked_at', 'settings.timezone') }} as asked_on,
            {{ day_in_zone('requests.answered_at', 'settings.timezone') }} as answered_on,
            today.as_of
        from {{ ref('int_requests_latest') }} as requests
        cross join {{ ref('stg_plan__settings') }} as settings
        cross join {{ ref('stg_plan__today') }} as today
    ),

    asked as (
        select
            request_id,
            partner_id,
            topic,
            asked_at,
            asked_on,
            case when answered_on <= as_of then answered_at end as answered_at,
            as_of
        from dated
        where asked_on <= as_of
    )

select
    asked.request_id,
    asked.partner_id,
    partners.name,
    coalesce(history.relationship, 'unknown') as relationship,
    asked.topic,
    asked.asked_at,
    asked.asked_on,
    asked.answered_at,
    asked.answered_at is not null as is_answered,
    -- An answer before its request: the two columns were mixed up.
    case
        when asked.answered_at >= asked.asked_at
        then cast({{ seconds_between('asked.asked_at', 'asked.answered_at') }} / 3600.0 as {{ type_double() }})
    end as answer_hours,
    case
        when asked.answered_at is null then {{ dbt.datediff('asked.asked_on', 'asked.as_of', 'day') }}
    end as unanswered_days
from asked
left join {{ ref('int_partners_latest') }} as partners on partners.partner_id = asked.partner_id
left join
    {{ ref('int_partner_relationships') }} as history
    on history.partner_id = asked.partner_id
    and {{ is_valid_on('history', 'asked.asked_on') }}
