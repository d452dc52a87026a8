-- What differs from visit to visit and no link asks for (other pages, ids in parameters)
-- is left out, so that few combinations are left to compare with the links.
with
    described as (
        select * from {{ ref('int_clicks_latest') }} where coalesce({{ utm_tags() | join(', ') }}, url) is not null
    ),

    visits as ({{ tagged_rows('described', ['click_id', 'clicked_at']) | indent(4) }}),

    paths as (select distinct path from {{ ref('int_links_compared') }} where path <> ''),

    asked as (
        select distinct part
        from (select {{ split_to_rows('parameters', '&') }} as part from {{ ref('int_links_compared') }}) as parts
        where part <> ''
    ),

    parameters as (
        select click_id, {{ dbt.listagg('part', "'&'", 'order by part') }} as parameters
        from
            (
                select distinct visited.click_id, visited.part
                from
                    (
                        select click_id, {{ split_to_rows('parameters', '&') }} as part
                        from visits
                        where parameters <> '' and exists (select 1 from asked)
                    ) as visited
                inner join asked on asked.part = visited.part
            ) as parts
        group by click_id
    ),

    compared as (
        select
            visits.click_id,
            visits.clicked_at,
            {%- for tag in utm_tags() %} visits.{{ tag }}, {%- endfor %}
            case when paths.path is null then '' else visits.host end as host,
            case when paths.path is null then '' else visits.path end as path,
            coalesce(parameters.parameters, '') as parameters
        from visits
        left join paths on paths.path = visits.path
        left join parameters on parameters.click_id = visits.click_id
    )

select compared.*, {{ row_hash(utm_tags() + ['host', 'path', 'parameters']) }} as tag_set_id
from compared
where {{ (utm_tags() + ['path', 'parameters']) | join(' || ') }} <> ''
