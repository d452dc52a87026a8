{#
    What the engines write differently, each behind one name. Models and casts.sql call the names; a second engine
    (Spark) adds its own `spark__…` beside each `duckdb__…` and no model changes.
#}
{% macro matches(value, pattern) -%} {{ adapter.dispatch('matches')(value, pattern) }} {%- endmacro %}
{% macro duckdb__matches(value, pattern) -%} regexp_matches({{ value }}, '{{ pattern }}') {%- endmacro %}

{#- `replacement`: literal texts and numbers of groups, in order; the text unchanged where the pattern is not found. -#}
{% macro replace_pattern(value, pattern, replacement) -%}
    {{ adapter.dispatch('replace_pattern')(value, pattern, replacement) }}
{%- endmacro %}
{% macro duckdb__replace_pattern(value, pattern, replacement) -%}
    regexp_replace({{ value }}, '{{ pattern }}', '{{ duckdb__as_replacement(replacement) }}')
{%- endmacro %}
{% macro duckdb__as_replacement(parts) -%}
    {%- for part in parts -%} {{ ('\\' ~ part) if part in '123456789' else part }} {%- endfor -%}
{%- endmacro %}

{#- The same for every place where the pattern is found. (Spark: regexp_replace, whose groups are `$1`.) -#}
{% macro replace_every(value, pattern, replacement) -%}
    {{ adapter.dispatch('replace_every')(value, pattern, replacement) }}
{%- endmacro %}
{% macro duckdb__replace_every(value, pattern, replacement) -%}
    regexp_replace({{ value }}, '{{ pattern }}', '{{ duckdb__as_replacement(replacement) }}', 'g')
{%- endmacro %}

{#- A group of the pattern where it is found first; an empty text where it is not. -#}
{% macro found_in(value, pattern, group) -%} {{ adapter.dispatch('found_in')(value, pattern, group) }} {%- endmacro %}
{% macro duckdb__found_in(value, pattern, group) -%}
    regexp_extract({{ value }}, '{{ pattern }}', {{ group }})
{%- endmacro %}

{#- A text without percent-encoding; as it is where it is encoded in no valid way. (Spark: try_url_decode.) -#}
{% macro decoded(value) -%} {{ adapter.dispatch('decoded')(value) }} {%- endmacro %}
{% macro duckdb__decoded(value) -%} coalesce(try(url_decode({{ value }})), {{ value }}) {%- endmacro %}

{#- A clock time in a time zone (IANA name) as UTC. -#}
{% macro to_utc(local, timezone) -%} {{ adapter.dispatch('to_utc')(local, timezone) }} {%- endmacro %}
{% macro duckdb__to_utc(local, timezone) -%}
    case when {{ timezone }} = 'UTC' then {{ local }} else timezone('UTC', timezone({{ timezone }}, {{ local }})) end
{%- endmacro %}

{#- A clock time in English words (`March 15, 2026 3:41 am`, `15 Mar 2026 15:41`); null for any other text. -#}
{% macro time_in_words(value) -%} {{ adapter.dispatch('time_in_words')(value) }} {%- endmacro %}
{% macro duckdb__time_in_words(value) -%}
    {%- set patterns = [] -%}
    {%- for day in ['%B %d, %Y', '%b %d, %Y', '%d %B %Y', '%d %b %Y'] -%}
        {%- for time in ['', ' %I:%M %p', ' %I:%M:%S %p', ' %H:%M', ' %H:%M:%S'] -%}
            {%- do patterns.append("'" ~ day ~ time ~ "'") -%}
        {%- endfor -%}
    {%- endfor -%}
    try_strptime(upper(trim({{ value }})), [{{ patterns | join(', ') }}])
{%- endmacro %}

{#- Which day a moment (UTC) falls on in a time zone: the business day. -#}
{% macro day_in_zone(moment, timezone) -%} {{ adapter.dispatch('day_in_zone')(moment, timezone) }} {%- endmacro %}
{% macro duckdb__day_in_zone(moment, timezone) -%}
    cast(timezone({{ timezone }}, timezone('UTC', {{ moment }})) as date)
{%- endmacro %}

{#- An ISO 8601 text that ends in an offset (Z, UTC, GMT, +02, -0400, +02:00, with or without a blank before it) as UTC. -#}
{% macro offset_to_utc(value) -%} {{ adapter.dispatch('offset_to_utc')(value) }} {%- endmacro %}
{% macro duckdb__offset_to_utc(value) -%}
    {%- set with_offset = "regexp_replace(regexp_replace(" ~ value ~ ", ' *(Z|UTC|GMT)$', '+00:00'), ' *([+-][0-9]{2})$', '\\1:00')" -%}
    {%- set with_colon = "regexp_replace(" ~ with_offset ~ ", ' *([+-][0-9]{2}):?([0-9]{2})$', '\\1:\\2')" -%}
    timezone(
        'UTC', try_cast(regexp_replace({{ with_colon }}, '([T ][0-9]{1,2}:[0-9]{2})([+-])', '\1:00\2') as timestamptz)
    )
{%- endmacro %}

{#- One row per part of a list column (`a;b`), as column `part`. -#}
{% macro split_to_rows(column, separator) -%} {{ adapter.dispatch('split_to_rows')(column, separator) }} {%- endmacro %}
{% macro duckdb__split_to_rows(column, separator) -%}
    unnest(string_split({{ column }}, '{{ separator }}'))
{%- endmacro %}

{#- Every day from one to another, both included, as a table with the column `day`; none where either is null. -#}
{% macro day_spine(first, last) -%} {{ adapter.dispatch('day_spine')(first, last) }} {%- endmacro %}
{% macro duckdb__day_spine(first, last) -%}
    select cast(unnest(generate_series({{ first }}, {{ last }}, interval '1' day)) as date) as day
{%- endmacro %}

{#- What is between the two halves of a recursive query whose rows may come again: each is followed once. -#}
{% macro recursive_union() -%} {{ adapter.dispatch('recursive_union')() }} {%- endmacro %}
{% macro duckdb__recursive_union() -%}
    union
{%- endmacro %}

{#- Seconds, with fractions, from one moment to a later one. -#}
{% macro seconds_between(earlier, later) -%} {{ adapter.dispatch('seconds_between')(earlier, later) }} {%- endmacro %}
{% macro duckdb__seconds_between(earlier, later) -%} (epoch({{ later }}) - epoch({{ earlier }})) {%- endmacro %}

{#- A count as people read it: 117,477. (Spark: format_number(value, 0).) -#}
{% macro readable_count(value) -%} {{ adapter.dispatch('readable_count')(value) }} {%- endmacro %}
{% macro duckdb__readable_count(value) -%} format('{:,}', cast({{ value }} as bigint)) {%- endmacro %}

{#- dbt's own type_float is 32 bits on some engines. -#}
{% macro type_double() -%} double {%- endmacro %}

{#- All columns of a relation, one of them replaced. (Spark: `relation.* except (column), expression as column`.) -#}
{% macro columns_with(relation, column, expression) -%}
    {{ adapter.dispatch('columns_with')(relation, column, expression) }}
{%- endmacro %}
{% macro duckdb__columns_with(relation, column, expression) -%}
    {{ relation }}.* replace ({{ expression }} as {{ column }})
{%- endmacro %}

{#- The texts of a group as a list, in an order. (Spark: collect_list of structs, sorted.) -#}
{% macro list_in_order(value, order_by) -%} {{ adapter.dispatch('list_in_order')(value, order_by) }} {%- endmacro %}
{% macro duckdb__list_in_order(value, order_by) -%} list({{ value }} order by {{ order_by }}) {%- endmacro %}

{#- 64 bits that differ where rows differ in one of these expressions. (Spark: xxhash64 of coalesced texts.) -#}
{% macro row_hash(expressions) -%} {{ adapter.dispatch('row_hash')(expressions) }} {%- endmacro %}
{% macro duckdb__row_hash(expressions) -%} hash({{ expressions | join(', ') }}) {%- endmacro %}

{#- Hashes of rows added up exactly, as text: the same for the same rows, whatever their order. -#}
{% macro sum_of_hashes(hashes) -%} {{ adapter.dispatch('sum_of_hashes')(hashes) }} {%- endmacro %}
{% macro duckdb__sum_of_hashes(hashes) -%} cast(sum(cast({{ hashes }} as hugeint)) as varchar) {%- endmacro %}

{#- The nearest known value before (`lag`) or after (`lead`) a row; a window follows. (Spark: `lag(…) ignore nulls`.) -#}
{% macro neighbour(side, value) -%} {{ adapter.dispatch('neighbour')(side, value) }} {%- endmacro %}
{% macro duckdb__neighbour(side, value) -%} {{ side }} ({{ value }} ignore nulls) {%- endmacro %}
