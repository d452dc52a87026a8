with
    answers as (
        select
            answers.study_id,
            answers.question,
            -- `all` is what the mart calls all strata together; as a stratum it means none.
            coalesce(case when lower(answers.stratum) <> 'all' then answers.stratum end, '(unassigned)') as stratum,
            answers.cell,
            answers.answer,
            answers.campaign_id,
            {{ day_in_zone('answers.answered_at', 'settings.timezone') }} as answered_on
        from {{ ref('int_brand_lift_answers_latest') }} as answers
        cross join {{ ref('stg_plan__settings') }} as settings
    ),

    broken as (
        select study_id, count(*) as respondents from {{ ref('int_respondents_in_two_cells') }} group by study_id
    )

select
    answers.study_id,
    answers.question,
    answers.stratum,
    count(*) filter (where answers.cell = 'exposed' and answers.answer is not null) as exposed_n,
    count(*) filter (where answers.cell = 'exposed' and answers.answer = 'yes') as exposed_yes,
    count(*) filter (where answers.cell = 'exposed' and answers.answer is null) as exposed_unanswered,
    count(*) filter (where answers.cell = 'control' and answers.answer is not null) as control_n,
    count(*) filter (where answers.cell = 'control' and answers.answer = 'yes') as control_yes,
    count(*) filter (where answers.cell = 'control' and answers.answer is null) as control_unanswered,
    min(answers.campaign_id) as first_campaign_id,
    max(answers.campaign_id) as last_campaign_id,
    min(answers.answered_on) as first_answered_on,
    max(answers.answered_on) as last_answered_on,
    coalesce(max(broken.respondents), 0) as respondents_in_two_cells
from answers
left join broken on broken.study_id = answers.study_id
group by answers.study_id, answers.question, answers.stratum
