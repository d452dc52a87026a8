with
    questions as (
        -- A question that no known customer answered is shown with 0 people, not left out.
        select distinct study_id, question from {{ ref('int_brand_lift_counted') }}
    )

select
    questions.study_id,
    questions.question,
    settings.lookback_days as window_days,
    count(*) filter (where followed.answer = 'yes') as yes_n,
    count(*) filter (where followed.answer = 'yes' and followed.has_bought) as yes_buyers,
    cast(
        coalesce(sum(case when followed.answer = 'yes' then followed.net_revenue end), 0) as decimal(18, 2)
    ) as yes_revenue,
    count(*) filter (where followed.answer = 'no') as no_n,
    count(*) filter (where followed.answer = 'no' and followed.has_bought) as no_buyers,
    cast(
        coalesce(sum(case when followed.answer = 'no' then followed.net_revenue end), 0) as decimal(18, 2)
    ) as no_revenue
from questions
cross join {{ ref('stg_plan__settings') }} as settings
left join
    {{ ref('int_respondents_followed') }} as followed
    on followed.study_id = questions.study_id
    and followed.question = questions.question
group by questions.study_id, questions.question, settings.lookback_days
