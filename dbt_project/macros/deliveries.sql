{#- Where a raw row came from; every staging model ends with it, so that any later finding can name file and row. -#}
{% macro provenance(relation=none) -%}
    {%- for column in ['_entry', '_delivery', '_delivery_order', '_file', '_row'] -%}
        {{ relation ~ '.' if relation }}{{ column }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#-
    What was spent on ads, of a CTE `spent`, as costs. An id is made of the vendor and these columns, of which any may be
    empty. A day is restated whole, so that an ad with another name is not counted beside its old one.
-#}
{% macro media_costs(vendor, id_columns) -%}
    select
        '{{ vendor }}'
        {%- for column in id_columns %}
            || '|' || coalesce(cast({{ column }} as {{ dbt.type_string() }}), '')
        {%- endfor %} as cost_id,
        paid_on,
        partner_id,
        campaign_id,
        'media' as kind,
        amount,
        currency,
        {{ provenance() }}
    from spent
    qualify _delivery_order = max(_delivery_order) over (partition by _entry, account, campaign, paid_on)
{%- endmacro %}

{#-
    Every row of what feeds an extract: `feeds` are its own staging model and those of the formats that feed it, all with
    the columns of stg_extracts__<extract>, in that order. Adding a format is adding its staging model to this list. They
    are named stg_<source>__<extract>: the recount and the lineage proof find them by that name.

    Only here does an id that plan.yml calls an alias become the partner's id; `_is_alias` says where.
-#}
{% macro delivered_rows(extract, feeds) -%}
    {%- for feed in feeds if execute and not feed.identifier.endswith('__' ~ extract) -%}
        {%- do exceptions.raise_compiler_error('a feed of ' ~ extract ~ ' is not named stg_<source>__' ~ extract ~ ': ' ~ feed) -%}
    {%- endfor -%}
    {#- Named outside the condition: dbt finds dependencies while it parses, and knows the .yml only later. -#}
    {%- set known_aliases = ref('stg_plan__aliases') -%}
    {%- set partner = partner_column(extract) -%}
    {%- if partner -%}
        select
            {{ columns_with('named', partner, 'coalesce(aliases.partner_id, named.' ~ partner ~ ')') }},
            aliases.alias is not null as _is_alias
        from ({{ united_rows(feeds) | indent(8) }}) as named
        left join {{ known_aliases }} as aliases on aliases.alias = named.{{ partner }}
    {%- else -%} {{ united_rows(feeds) }}
    {%- endif %}
{%- endmacro %}

{% macro united_rows(feeds) -%}
    {%- for feed in feeds -%}
        {%- if not loop.first %}
            union all
        {% endif -%}
        select *
        from {{ feed }}
    {%- endfor -%}
{%- endmacro %}

{#- The column of an extract that names a partner (`names: partner` in models/raw/<extract>.yml), or none. -#}
{% macro partner_column(extract) -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for column in graph.sources['source.' ~ project_name ~ '.raw.' ~ extract].columns.values() -%}
            {%- if column.meta.get('names') == 'partner' %} {% do found.append(column.name) %} {% endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found | first | default(none)) }}
{%- endmacro %}

{#- Only the rows of current deliveries: of an entry's snapshots only the newest is current. Several rows may share a key. -#}
{% macro is_current_delivery() -%}
    _delivery in (select delivery_id from {{ ref('stg_ledger__deliveries') }} where is_current)
{%- endmacro %}

{#-
    The current rows, one per key: the later delivery wins, within a file the later row. Where a key has a partner in it,
    a row under the partner's id wins over one under an alias. `delivered`: a model that has united the feeds already.
-#}
{% macro latest_rows(extract, key, feeds=[], delivered=none) -%}
    {%- set rows -%}
        {% if delivered %}select * from {{ delivered }}
        {% else %}{{ delivered_rows(extract, feeds) | indent(4) }}
        {% endif %}
    {%- endset -%}
    {{ adapter.dispatch('newest_of_each')(rows, key, partner_column(extract) in key) }}
{%- endmacro %}

{#- A column of a key may be empty: two rows without it have the same key. -#}
{% macro is_same_key(one, other, key) -%}
    {%- for column in key -%}
        {{ one }}.{{ column }} is not distinct from {{ other }}.{{ column }} {%- if not loop.last %} and {% endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- When a delivery was made (UTC): for exports that do not say when their counters were read. -#}
{% macro delivered_at() -%} cast(replace(substr(_delivery_order, 1, 19), 'T', ' ') as timestamp) {%- endmacro %}

{#-
    The day of a delivery: the date in its file's name as written there; without one, the business day on which
    the file was modified. (A delivery's order begins with the former, or with the latter twice.)
-#}
{% macro delivered_on(timezone, order='_delivery_order') -%}
    case
        when split_part({{ order }}, ' ', 1) = split_part({{ order }}, ' ', 2)
        then {{ day_in_zone("cast(replace(substr(" ~ order ~ ", 1, 19), 'T', ' ') as timestamp)", timezone) }}
        else cast(substr({{ order }}, 1, 10) as date)
    end
{%- endmacro %}

{#- What entries of extracts.yml are called in messages, by entry_id, as a relation. -#}
{% macro entry_names() -%}
    (select entry_id, max(entry) as entry from {{ ref('stg_ledger__deliveries') }} group by entry_id)
{%- endmacro %}
