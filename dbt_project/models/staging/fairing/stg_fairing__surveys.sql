with
    answers as (
        select *, not is_clarification and lower(question) = lower(attribution_question) as is_attribution
        from {{ ref('stg_fairing__answers') }}
    ),

    clarifications as (
        select *
        from answers
        where
            is_clarification
            and _delivery in (select delivery_id from {{ ref('stg_ledger__deliveries') }} where is_current)
        qualify row_number() over (partition by _entry, response_id order by _delivery_order desc, _row desc) = 1
    ),

    -- On its own, because a left join with an `or` compares each row with each row.
    followed_up as (
        select
            answers._delivery,
            answers._row,
            clarifications._entry,
            clarifications.answered_at,
            lower(clarifications.answer) as answer
        from answers
        inner join
            clarifications
            on clarifications._entry = answers._entry
            and clarifications.order_id = answers.order_id
            and (
                clarifications.referring_question_id = answers.question_id
                or lower(clarifications.referring_question) = lower(answers.question)
            )
            -- Where several answers could be given, each has its own follow-up.
            and coalesce(clarifications.referring_option_id = answers.option_id, true)
        where answers.is_attribution
    ),

    pairs as (
        select _entry, {{ split_to_rows('partner_by_answer', ';') }} as part
        from (select distinct _entry, partner_by_answer from answers) as entries
    ),

    partners as (
        select
            _entry,
            lower(trim(split_part(part, '=', 1))) as answer,
            min(nullif(trim(split_part(part, '=', 2)), '')) as partner_id
        from pairs
        group by _entry, lower(trim(split_part(part, '=', 1)))
    )

select
    answers.response_id,
    answers.answered_at,
    cast(null as {{ dbt.type_string() }}) as shop,
    answers.order_id,
    answers.customer_id,
    answers.answer,
    coalesce(clarified.partner_id, named.partner_id) as partner_id,
    answers._entry,
    answers._delivery,
    answers._delivery_order,
    answers._file,
    answers._row
from answers
left join followed_up on followed_up._delivery = answers._delivery and followed_up._row = answers._row
left join partners as clarified on clarified._entry = followed_up._entry and clarified.answer = followed_up.answer
left join partners as named on named._entry = answers._entry and named.answer = lower(answers.answer)
where answers.is_attribution
qualify
    row_number() over (
        partition by answers._delivery, answers._row
        order by
            case when clarified.partner_id is null then 1 else 0 end, followed_up.answered_at desc, clarified.partner_id
    )
    = 1
