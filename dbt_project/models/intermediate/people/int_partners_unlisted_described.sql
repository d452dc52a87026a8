{%- set shown = 5 -%}
{%- set count = 'cast(partners as ' ~ dbt.type_string() ~ ')' -%}
with
    numbered as (
        select
            partner_id,
            similar_id,
            count(*) over () as partners,
            -- Those with a suggestion first: they are the ones to correct.
            row_number() over (order by similar_id is null, partner_id) as nth
        from {{ ref('int_partners_unlisted') }}
    ),

    described as (
        select
            partners,
            nth,
            case
                when similar_id is null
                then partner_id
                when partners = 1
                then partner_id || '; did you mean ' || similar_id || '?'
                else partner_id || ' (did you mean ' || similar_id || '?)'
            end as id
        from numbered
        where nth <= {{ shown }}
    ),

    -- Of what partners are credited with, by the plan's model.
    held as (
        select
            round(
                100.0 * cast(
                    sum(
                        case when unlisted.partner_id is not null then credits.credited_revenue else 0 end
                    ) as {{ type_double() }}
                )
                / nullif(cast(sum(credits.credited_revenue) as {{ type_double() }}), 0)
            ) as percent
        from {{ ref('results__credits') }} as credits
        inner join {{ ref('stg_plan__settings') }} as settings on settings.attribution_model = credits.attribution_model
        left join {{ ref('int_partners_unlisted') }} as unlisted on unlisted.partner_id = credits.partner_id
    )

select
    case when partners = 1 then '1 partner id is' else {{ count }} || ' partner ids are' end
    || ' not in partners: '
    || {{ dbt.listagg('id', "', '", 'order by nth') }}
    || case when partners > {{ shown }} then ', …' else '' end
    || case
        when max(held.percent) > 0
        then
            case when partners = 1 then ' It holds ' else ' They hold ' end
            || cast(cast(max(held.percent) as integer) as {{ dbt.type_string() }})
            || ' % of the credited revenue.'
        else ''
    end as problem
from described
cross join held
group by partners
