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
    )

select
    case when partners = 1 then '1 partner id is' else {{ count }} || ' partner ids are' end
    || ' not in partners: '
    || {{ dbt.listagg('id', "', '", 'order by nth') }}
    || case when partners > {{ shown }} then ', …' else '' end as problem
from described
group by partners
