with
    links as (
        {{ tagged_rows(ref('int_links_latest'), ['partner_id', 'campaign_id', 'valid_from', 'valid_to']) | indent(4) }}
    ),

    numbered as (
        select
            links.*,
            row_number() over (
                order by
                    {{ utm_tags() | join(', ') }},
                    host,
                    path,
                    parameters,
                    valid_from nulls first,
                    partner_id,
                    campaign_id
            ) as link_id
        from links
    ),

    -- The tags in a page's parameters are compared as tags.
    asked as (
        select distinct link_id, part
        from (select link_id, {{ split_to_rows('parameters', '&') }} as part from numbered) as parts
        where part <> '' and split_part(part, '=', 1) not in ('{{ utm_tags() | join("', '") }}')
    ),

    asked_together as (
        select link_id, {{ dbt.listagg('part', "'&'", 'order by part') }} as parameters from asked group by link_id
    ),

    named as (
        {%- for column in utm_tags() + ['path'] %}
            select link_id, '{{ column }}' as part
            from numbered
            where {{ column }} <> ''

            union all
        {% endfor %}
        select link_id, part
        from asked
    ),

    named_together as (select link_id, count(*) as named from named group by link_id)

select
    numbered.link_id,
    {%- for tag in utm_tags() %} numbered.{{ tag }}, {%- endfor %}
    numbered.host,
    numbered.path,
    coalesce(asked_together.parameters, '') as parameters,
    {%- for column in utm_tags() + ['host', 'path'] %}
        case when numbered.{{ column }} <> '' then '{{ column }} ' else '' end{{ ' ||' if not loop.last }}
    {%- endfor %} as named_columns,
    coalesce(named_together.named, 0) as named,
    numbered.partner_id,
    numbered.campaign_id,
    numbered.valid_from,
    numbered.valid_to
from numbered
left join asked_together on asked_together.link_id = numbered.link_id
left join named_together on named_together.link_id = numbered.link_id
