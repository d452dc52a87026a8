with
    respondents as (
        -- A customer who answered twice is one person: the latest answer counts.
        select
            answers.study_id,
            answers.question,
            answers.customer_id,
            answers.answer,
            answers.answered_at,
            settings.lookback_days as window_days
        from {{ ref('int_brand_lift_answers_latest') }} as answers
        cross join {{ ref('stg_plan__settings') }} as settings
        cross join {{ ref('stg_plan__today') }} as today
        where
            answers.customer_id is not null
            and answers.answer is not null
            and answers.answered_at is not null
            -- Whoever's window is still open has had less time to buy.
            and {{ day_in_zone("answers.answered_at + settings.lookback_days * interval '1' day", 'settings.timezone') }}
            <= today.as_of
        qualify
            row_number() over (
                partition by answers.study_id, answers.question, answers.customer_id
                order by answers.answered_at desc, answers.respondent_id
            )
            = 1
    )

select
    respondents.study_id,
    respondents.question,
    respondents.customer_id,
    respondents.answer,
    respondents.window_days,
    count(orders.order_id) > 0 as has_bought,
    cast(coalesce(sum(orders.net - orders.refunded), 0) as decimal(18, 2)) as net_revenue
from respondents
left join
    {{ ref('int_orders_sold') }} as orders
    on orders.customer_id = respondents.customer_id
    and orders.ordered_at >= respondents.answered_at
    and orders.ordered_at <= respondents.answered_at + respondents.window_days * interval '1' day
group by
    respondents.study_id, respondents.question, respondents.customer_id, respondents.answer, respondents.window_days
