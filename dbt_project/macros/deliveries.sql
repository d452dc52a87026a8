{#- Where a raw row came from; every staging model ends with it, so that any later finding can name file and row. -#}
{% macro provenance() -%}
    _entry,
    _delivery,
    _delivery_order,
    _file,
    _row
{%- endmacro %}

{#-
    Everything that feeds an extract: its own staging model, and the staging models of the formats that feed it. A format
    announces those in macros/feeds/<format>.sql, as macros feeds_<extract>__<vendor>, so no list has to be edited here.
    All have the columns of stg_extracts__<extract>, in that order.

    Here, and nowhere else, an id that plan.yml calls an alias becomes the id that counts; `_is_alias` says where.
-#}
{% macro delivered_rows(extract) -%}
    {%- set partner = partner_column(extract) -%}
    {%- if partner -%}
    select
        {{ columns_with('named', partner, 'coalesce(aliases.partner_id, named.' ~ partner ~ ')') }},
        aliases.alias is not null as _is_alias
    from (
        {{ rows_as_named(extract) | indent(8) }}
    ) as named
    left join {{ ref('stg_plan__aliases') }} as aliases
        on aliases.alias = named.{{ partner }}
    {%- else -%}
    {{ rows_as_named(extract) }}
    {%- endif %}
{%- endmacro %}

{% macro rows_as_named(extract) -%}
    select * from {{ ref('stg_extracts__' ~ extract) }}
    {%- for name in context.keys() | sort if name.startswith('feeds_' ~ extract ~ '__') %}
    union all
    select * from {{ context[name]() }}
    {%- endfor %}
{%- endmacro %}

{#- The column of an extract that names a partner, or none. -#}
{% macro partner_column(extract) -%}
    {{ return({
        'audiences': 'partner_id',
        'clicks': 'partner_id',
        'codes': 'partner_id',
        'commitments': 'partner_id',
        'conversions': 'partner_id',
        'costs': 'partner_id',
        'partners': 'partner_id',
        'posts': 'partner_id',
        'referrals': 'referrer_id',
        'requests': 'partner_id',
        'surveys': 'partner_id',
    }.get(extract)) }}
{%- endmacro %}

{#- Every row of the deliveries that hold as of now, several per key. Of snapshot deliveries only the newest counts. -#}
{% macro current_rows(extract) -%}
    with delivered as (
        {{ delivered_rows(extract) | indent(4) }}
    )

    select *
    from delivered
    where _delivery in (select delivery_id from {{ ref('stg_ledger__deliveries') }} where is_current)
{%- endmacro %}

{#-
    The rows that hold as of now, one per key: the later delivery wins, within a file the later row. Where a key has a
    partner in it, the row of the id that counts goes before that of an alias.

    Few keys come twice, and only the rows of those are numbered: to number all of a large extract is to sort it, which
    does not fit into memory.
-#}
{% macro latest_rows(extract, key) -%}
with current_rows as (
    {{ current_rows(extract) }}
),

repeated as (
    select {{ key | join(', ') }}, count(*) as copies
    from current_rows
    group by {{ key | join(', ') }}
    having count(*) > 1
)

select current_rows.*
from current_rows
left join repeated
    on {{ is_same_key('repeated', 'current_rows', key) }}
where repeated.copies is null

union all

select current_rows.*
from current_rows
inner join repeated
    on {{ is_same_key('repeated', 'current_rows', key) }}
qualify row_number() over (
    partition by {% for column in key %}current_rows.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
    order by
        {%- if partner_column(extract) in key %} current_rows._is_alias,{% endif %} current_rows._delivery_order desc, current_rows._row desc
) = 1
{%- endmacro %}

{#- A column of a key may be empty: two rows without it have the same key. -#}
{% macro is_same_key(one, other, key) -%}
    {%- for column in key -%}
    {{ one }}.{{ column }} is not distinct from {{ other }}.{{ column }}
    {%- if not loop.last %} and {% endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- When a delivery was made (UTC): for exports that do not say when their counters were read. -#}
{% macro delivered_at() -%}
    cast(replace(substr(_delivery_order, 1, 19), 'T', ' ') as timestamp)
{%- endmacro %}

{#-
    The day a delivery speaks of: the date in its file's name as it stands there; without one, the business day on which
    the file was modified. (A delivery's order begins with the former, or with the latter twice.)
-#}
{% macro delivered_on(timezone, order='_delivery_order') -%}
    case
        when split_part({{ order }}, ' ', 1) = split_part({{ order }}, ' ', 2)
            then {{ day_in_zone("cast(replace(substr(" ~ order ~ ", 1, 19), 'T', ' ') as timestamp)", timezone) }}
        else cast(substr({{ order }}, 1, 10) as date)
    end
{%- endmacro %}
