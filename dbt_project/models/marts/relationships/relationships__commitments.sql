with
    made as (
        select
            commitments.commitment_id,
            commitments.partner_id,
            commitments.promise,
            commitments.made_on,
            commitments.due_on,
            case when commitments.kept_on <= today.as_of then commitments.kept_on end as kept_on,
            today.as_of
        from {{ ref('int_commitments_latest') }} as commitments
        cross join {{ ref('stg_plan__today') }} as today
        where commitments.made_on is null or commitments.made_on <= today.as_of
    ),

    judged as (
        select
            *,
            case
                when kept_on > due_on
                then 'late'
                when kept_on is not null
                then 'kept'
                -- The day on which it is due is not over yet.
                when due_on < as_of
                then 'broken'
                else 'open'
            end as state
        from made
    )

select
    judged.commitment_id,
    judged.partner_id,
    partners.name,
    coalesce(history.relationship, 'unknown') as relationship,
    judged.promise,
    judged.made_on,
    judged.due_on,
    judged.kept_on,
    judged.state,
    case when judged.due_on is not null and judged.state <> 'open' then judged.state = 'kept' end as is_kept_in_time
from judged
left join {{ ref('int_partners_latest') }} as partners on partners.partner_id = judged.partner_id
left join
    {{ ref('int_partner_relationships') }} as history
    on history.partner_id = judged.partner_id
    and {{ is_valid_on('history', 'coalesce(judged.made_on, judged.due_on, judged.as_of)') }}
