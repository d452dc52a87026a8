with
    questions as (
        select study_id, question, count(*) as strata
        from {{ ref('int_brand_lift_counted') }}
        group by study_id, question
    ),

    cells as (
        select
            counted.study_id,
            counted.question,
            counted.stratum,
            counted.exposed_n,
            counted.exposed_yes,
            counted.exposed_unanswered,
            counted.control_n,
            counted.control_yes,
            counted.control_unanswered,
            counted.first_campaign_id,
            counted.last_campaign_id,
            counted.first_answered_on,
            counted.last_answered_on,
            counted.respondents_in_two_cells
        from {{ ref('int_brand_lift_counted') }} as counted
        inner join questions on questions.study_id = counted.study_id and questions.question = counted.question
        -- A study that knows no strata has only the row `all`.
        where counted.stratum <> '(unassigned)' or questions.strata > 1

        union all

        select
            study_id,
            question,
            'all' as stratum,
            cast(sum(exposed_n) as bigint) as exposed_n,
            cast(sum(exposed_yes) as bigint) as exposed_yes,
            cast(sum(exposed_unanswered) as bigint) as exposed_unanswered,
            cast(sum(control_n) as bigint) as control_n,
            cast(sum(control_yes) as bigint) as control_yes,
            cast(sum(control_unanswered) as bigint) as control_unanswered,
            min(first_campaign_id) as first_campaign_id,
            max(last_campaign_id) as last_campaign_id,
            min(first_answered_on) as first_answered_on,
            max(last_answered_on) as last_answered_on,
            max(respondents_in_two_cells) as respondents_in_two_cells
        from {{ ref('int_brand_lift_counted') }}
        group by study_id, question
    )

select
    cells.study_id,
    cells.question,
    cells.stratum,
    case when cells.first_campaign_id = cells.last_campaign_id then cells.first_campaign_id end as campaign_id,
    cells.first_answered_on,
    cells.last_answered_on,
    cells.exposed_n,
    cells.exposed_yes,
    cells.exposed_unanswered,
    cells.control_n,
    cells.control_yes,
    cells.control_unanswered,
    estimated.absolute_lift,
    estimated.relative_lift,
    estimated.headroom_lift,
    estimated.ci_low,
    estimated.ci_high,
    estimated.p_value,
    estimated.detectable_lift,
    estimated.method,
    estimated.strata_compared,
    cells.respondents_in_two_cells,
    case when cells.respondents_in_two_cells > 0 then 'invalid' else estimated.verdict end as verdict,
    case
        when cells.respondents_in_two_cells > 0
        then {{ readable_count('cells.respondents_in_two_cells') }} || ' respondents of the study are in both cells'
        else estimated.reason
    end as reason
from cells
left join
    {{ ref('int_brand_lift_estimated') }} as estimated
    on estimated.study_id = cells.study_id
    and estimated.question = cells.question
    and estimated.stratum = cells.stratum
