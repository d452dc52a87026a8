{{ config(materialized='view') }}
with
    tied as (
        select link_ids, count(*) as clicks from {{ ref('int_clicks_linked') }} where is_ambiguous group by link_ids
    ),

    links as (
        select tied.link_ids, tied.clicks, cast(parts.part as bigint) as link_id
        from tied
        inner join
            (select link_ids, {{ split_to_rows('link_ids', ' ') }} as part from tied) as parts
            on parts.link_ids = tied.link_ids
    ),

    described as (
        select
            links.link_ids,
            links.clicks,
            links.link_id,
            concat_ws(
                ' / ',
                {%- for tag in utm_tags() %} nullif(compared.{{ tag }}, ''), {%- endfor %}
                nullif(compared.host || compared.path, ''),
                nullif(compared.parameters, '')
            )
            || ' of '
            || coalesce(compared.partner_id, 'campaign ' || compared.campaign_id) as link
        from links
        inner join {{ ref('int_links_compared') }} as compared on compared.link_id = links.link_id
    )

select
    link_ids,
    clicks,
    cast(count(*) as {{ dbt.type_string() }})
    || ' links fit '
    || case when clicks = 1 then '1 visit' else cast(clicks as {{ dbt.type_string() }}) || ' visits' end
    || ' equally, so none of them is credited: '
    || {{ dbt.listagg('link', "'; '", 'order by link_id') }} as problem
from described
group by link_ids, clicks
