{%- set columns = utm_tags() + ['host', 'path'] -%}
with
    tag_sets as (
        select distinct tag_set_id, {{ columns | join(', ') }}, parameters from {{ ref('int_clicks_tagged') }}
    ),

    -- Links that name the same columns are compared in one join.
    kinds as (
        select distinct
            named_columns,
            {%- for column in columns %}
                {{ column }} <> '' as names_{{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ ref('int_links_compared') }}
        where named > 0
    ),

    masked as (
        select
            tag_sets.tag_set_id,
            kinds.named_columns,
            {%- for column in columns %}
                case when kinds.names_{{ column }} then tag_sets.{{ column }} else '' end as {{ column }}
                {{- ',' if not loop.last }}
            {%- endfor %}
        from tag_sets
        cross join kinds
    ),

    candidates as (
        select masked.tag_set_id, links.link_id, links.parameters, links.named
        from masked
        inner join
            {{ ref('int_links_compared') }} as links on links.named_columns = masked.named_columns
            {%- for column in columns %} and links.{{ column }} = masked.{{ column }} {%- endfor %}
        where links.named > 0
    ),

    visited as (select tag_set_id, {{ split_to_rows('parameters', '&') }} as part from tag_sets where parameters <> ''),

    asked as (
        select tag_set_id, link_id, {{ split_to_rows('parameters', '&') }} as part
        from candidates
        where parameters <> ''
    ),

    lacking as (
        select distinct asked.tag_set_id, asked.link_id
        from asked
        left join visited on visited.tag_set_id = asked.tag_set_id and visited.part = asked.part
        where visited.part is null
    )

select candidates.tag_set_id, candidates.link_id, candidates.named
from candidates
left join lacking on lacking.tag_set_id = candidates.tag_set_id and lacking.link_id = candidates.link_id
where lacking.link_id is null
