{#- How DuckDB writes what the engines write differently; names.sql and the macros beside it say what each is. -#}
{% macro duckdb__matches(value, pattern) -%} regexp_matches({{ value }}, '{{ pattern }}') {%- endmacro %}

{% macro duckdb__replace_pattern(value, pattern, replacement) -%}
    regexp_replace({{ value }}, '{{ pattern }}', '{{ duckdb__as_replacement(replacement) }}')
{%- endmacro %}

{% macro duckdb__as_replacement(parts) -%}
    {%- for part in parts -%} {{ ('\\' ~ part) if part in '123456789' else part }} {%- endfor -%}
{%- endmacro %}

{% macro duckdb__replace_every(value, pattern, replacement) -%}
    regexp_replace({{ value }}, '{{ pattern }}', '{{ duckdb__as_replacement(replacement) }}', 'g')
{%- endmacro %}

{% macro duckdb__found_in(value, pattern, group) -%}
    regexp_extract({{ value }}, '{{ pattern }}', {{ group }})
{%- endmacro %}

{% macro duckdb__decoded(value) -%} coalesce(try(url_decode({{ value }})), {{ value }}) {%- endmacro %}

{% macro duckdb__clock_time(value) -%} try_cast({{ value }} as timestamp) {%- endmacro %}

{% macro duckdb__to_utc(local, timezone) -%}
    case when {{ timezone }} = 'UTC' then {{ local }} else timezone('UTC', timezone({{ timezone }}, {{ local }})) end
{%- endmacro %}

{% macro duckdb__time_in_words(value) -%}
    {%- set patterns = [] -%}
    {%- for day in ['%B %d, %Y', '%b %d, %Y', '%d %B %Y', '%d %b %Y'] -%}
        {%- for time in ['', ' %I:%M %p', ' %I:%M:%S %p', ' %H:%M', ' %H:%M:%S'] -%}
            {%- do patterns.append("'" ~ day ~ time ~ "'") -%}
        {%- endfor -%}
    {%- endfor -%}
    try_strptime(upper(trim({{ value }})), [{{ patterns | join(', ') }}])
{%- endmacro %}

{% macro duckdb__day_in_zone(moment, timezone) -%}
    cast(timezone({{ timezone }}, timezone('UTC', {{ moment }})) as date)
{%- endmacro %}

{% macro duckdb__offset_to_utc(value) -%}
    {%- set with_offset = "regexp_replace(regexp_replace(" ~ value ~ ", ' *(Z|UTC|GMT)$', '+00:00'), ' *([+-][0-9]{2})$', '\\1:00')" -%}
    {%- set with_colon = "regexp_replace(" ~ with_offset ~ ", ' *([+-][0-9]{2}):?([0-9]{2})$', '\\1:\\2')" -%}
    timezone(
        'UTC', try_cast(regexp_replace({{ with_colon }}, '([T ][0-9]{1,2}:[0-9]{2})([+-])', '\1:00\2') as timestamptz)
    )
{%- endmacro %}

{% macro duckdb__split_to_rows(column, separator) -%}
    unnest(string_split({{ column }}, '{{ separator }}'))
{%- endmacro %}

{% macro duckdb__day_spine(first, last) -%}
    select cast(unnest(generate_series({{ first }}, {{ last }}, interval '1' day)) as date) as day
{%- endmacro %}

{% macro duckdb__closure(name, columns, given, start, step) -%}
    {%- for cte, sql in given.items() %} {{ cte }} as ({{ sql }}), {% endfor %} {{ name }} as (
        {{ start }}
        union
        {{ step }}
    )
{%- endmacro %}

{% macro duckdb__seconds_between(earlier, later) -%}(epoch({{ later }}) - epoch({{ earlier }})) {%- endmacro %}

{% macro duckdb__columns_with(relation, column, expression) -%}
    {{ relation }}.* replace ({{ expression }} as {{ column }})
{%- endmacro %}

{% macro duckdb__list_in_order(value, order_by) -%} list({{ value }} order by {{ order_by }}) {%- endmacro %}

{% macro duckdb__row_hash(expressions) -%} hash({{ expressions | join(', ') }}) {%- endmacro %}

{% macro duckdb__readable_count(value) -%} format('{:,}', cast({{ value }} as bigint)) {%- endmacro %}

{% macro duckdb__sum_of_hashes(hashes) -%} cast(sum(cast({{ hashes }} as hugeint)) as varchar) {%- endmacro %}

{% macro duckdb__neighbour(side, value) -%} {{ side }} ({{ value }} ignore nulls) {%- endmacro %}

{#-
    deliveries.sql. Few keys come twice, and only the rows of those are numbered: to number all of a large extract is to
    sort it, which does not fit into memory.
-#}
{% macro duckdb__newest_of_each(rows, key, has_aliases) -%}
    with
        delivered as ({{ rows }}),

        current_rows as (select * from delivered where {{ is_current_delivery() }}),

        repeated as (
            select {{ key | join(', ') }}, count(*) as copies
            from current_rows
            group by {{ key | join(', ') }}
            having count(*) > 1
        )

    select current_rows.*
    from current_rows
    left join repeated on {{ is_same_key('repeated', 'current_rows', key) }}
    where repeated.copies is null

    union all

    select current_rows.*
    from current_rows
    inner join repeated on {{ is_same_key('repeated', 'current_rows', key) }}
    qualify
        row_number() over (
            partition by {% for column in key %} current_rows.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
            order by
                {%- if has_aliases %} current_rows._is_alias, {% endif %} current_rows._delivery_order desc,
                current_rows._row desc
        )
        = 1
{%- endmacro %}

{#- english_dates.sql -#}
{% macro duckdb__english_day(column) -%}
    case
        when {{ matches('trim(' ~ column ~ ')', '^[A-Z][a-z]{2} [0-9]{1,2}, [0-9]{4}$') }}
        then try_strptime(trim({{ column }}), '%b %d, %Y')
    end
{%- endmacro %}

{#- ga4.sql -#}
{% macro duckdb__ga4_params(column) -%}
    {%- set structure = '[{"key": "VARCHAR", "value": {"string_value": "VARCHAR", "int_value": "VARCHAR"}}]' -%}
    from_json(case when json_valid({{ column }}) then {{ column }} end, '{{ structure }}')
{%- endmacro %}

{% macro duckdb__ga4_param(params, key) -%}
    {%- set found = "list_filter(" ~ params ~ ", lambda param: param.key = '" ~ key ~ "')[1].value" -%}
    coalesce({{ found }}.string_value, {{ found }}.int_value)
{%- endmacro %}

{% macro duckdb__ga4_time(value) -%}
    case
        length(trim({{ value }}))
        when 16
        then make_timestamp(try_cast({{ value }} as bigint))
        when 10
        then {{ to_utc("try_strptime(trim(" ~ value ~ "), '%Y%m%d%H')", '_timezone') }}
        when 8
        then {{ to_utc("try_strptime(trim(" ~ value ~ "), '%Y%m%d')", '_timezone') }}
    end
{%- endmacro %}

{% macro duckdb__ga4_field(object, key) -%}
    case when json_valid({{ object }}) then json_extract_string({{ object }}, '$.{{ key }}') end
{%- endmacro %}

{#- id_times.sql -#}
{% macro duckdb__shift_right(number, bits) -%} (({{ number }}) >> {{ bits }}) {%- endmacro %}

{% macro duckdb__moment_of_epoch(seconds) -%}
    make_timestamp(cast(floor({{ seconds }}) as bigint) * 1000000)
{%- endmacro %}

{#- linkedin.sql -#}
{% macro duckdb__linkedin_id(link) -%}
    nullif(regexp_extract({{ link }}, '(?:activity|share|ugcPost)(?::|-|%3A)([0-9]{19})(?:[^0-9]|$)', 1), '')
{%- endmacro %}

{% macro duckdb__linkedin_time(id) -%} make_timestamp((try_cast({{ id }} as bigint) >> 22) * 1000) {%- endmacro %}

{#- pseudonym.sql -#}
{% macro duckdb__pseudonym(column) -%}
    {%- set id = 'trim(' ~ column ~ ')' -%}
    {%- set message = "encode(case when contains(" ~ id ~ ", '@') then lower(" ~ id ~ ") else " ~ id ~ " end)" -%}
    case
        when {{ id }} <> ''
        then
            substr(
                sha256(
                    getvariable('pseudonym_outer_pad')
                    || unhex(sha256(getvariable('pseudonym_inner_pad') || {{ message }}))
                ),
                1,
                32
            )
    end
{%- endmacro %}

{#- shopify.sql -#}
{#- Null where the text is no JSON: an empty list is an empty text. -#}
{% macro duckdb__parsed_json(column, structure) -%}
    from_json(case when json_valid({{ column }}) then {{ column }} end, '{{ structure }}')
{%- endmacro %}

{% macro duckdb__airbyte_line_amount(lines, of_gift_cards) -%}
    {%- set structure = '[{"gift_card": "VARCHAR", "quantity": "DECIMAL(18,2)", "price": "DECIMAL(18,2)"}]' -%}
    {%- set rows = duckdb__parsed_json(lines, structure) -%}
    {%- if of_gift_cards -%}
        {%- set rows = "list_filter(" ~ rows ~ ", lambda line: lower(line.gift_card) = 'true')" -%}
    {%- endif -%}
    cast(list_sum(list_transform({{ rows }}, lambda line:line.quantity * line.price)) as decimal(18, 2))
{%- endmacro %}

{% macro duckdb__airbyte_codes(codes) -%}
    {%- set rows = duckdb__parsed_json(codes, '[{"code": "VARCHAR"}]') -%}
    nullif(array_to_string(list_transform({{ rows }}, lambda one:trim(one.code)), ';'), '')
{%- endmacro %}

{% macro duckdb__airbyte_refunds(refunds) -%}
    {%- set good = '{"subtotal": "DECIMAL(18,2)", "total_tax": "DECIMAL(18,2)", "line_item": {"gift_card": "VARCHAR"}}' -%}
    {%- set adjustment = '{"amount": "DECIMAL(18,2)", "kind": "VARCHAR", "reason": "VARCHAR"}' -%}
    {%- set times = '"id": "VARCHAR", "created_at": "VARCHAR", "processed_at": "VARCHAR"' -%}
    {%- set structure = '[{' ~ times ~ ', "refund_line_items": [' ~ good ~ '], "order_adjustments": [' ~ adjustment ~ ']}]' -%}
    unnest({{ duckdb__parsed_json(refunds, structure) }})
{%- endmacro %}

{% macro duckdb__airbyte_refund_sum(part) -%}
    {%- set goods = "list_filter(refund.refund_line_items, lambda one: coalesce(lower(one.line_item.gift_card), '') <> 'true')" -%}
    {%- if part == 'parts' -%} coalesce(len(refund.refund_line_items), 0) + coalesce(len(refund.order_adjustments), 0)
    {%- elif part == 'discrepancy' -%}
        {%- set kind = shopify_is_discrepancy('coalesce(one.kind, one.reason)') -%}
        coalesce(
            list_sum(
                list_transform(list_filter(refund.order_adjustments, lambda one:{{ kind }}), lambda one:one.amount)
            ),
            0
        )
    {%- else -%} coalesce(list_sum(list_transform({{ goods }}, lambda one:one.{{ part }})), 0)
    {%- endif -%}
{%- endmacro %}

{#- surveymonkey.sql -#}
{% macro duckdb__surveymonkey_time(value, date_style) -%}
    case
        {%- for style, day in [('month-day', '%m/%d/%Y'), ('day-month', '%d/%m/%Y')] %}
            {%- set clock = "['" ~ day ~ " %I:%M:%S %p', '" ~ day ~ " %I:%M %p', '" ~ day ~ " %H:%M:%S', '" ~ day ~ " %H:%M']" %}
            when lower(trim({{ date_style }})) = '{{ style }}'
            then {{ to_utc("try_strptime(upper(trim(" ~ value ~ ")), " ~ clock ~ ")", '_timezone') }}
        {%- endfor %}
    end
{%- endmacro %}

{% macro duckdb__leading_count(value) -%}
    try_cast(regexp_extract(trim({{ value }}), '^[0-9]+') as bigint)
{%- endmacro %}

{#- woocommerce.sql -#}
{% macro duckdb__woocommerce_codes(items) -%}
    nullif(array_to_string(regexp_extract_all({{ items }}, '(?:^|;) *code:([^|;]+)', 1), ';'), '')
{%- endmacro %}

{% macro duckdb__woocommerce_refunds(items) -%}
    unnest(regexp_extract_all({{ items }}, '{{ woocommerce_refund_pattern() }}', 1))
{%- endmacro %}

{% macro duckdb__woocommerce_unread_refunds(items) -%}
    trim(regexp_replace({{ items }}, '{{ woocommerce_refund_pattern() }}', '', 'g'), '; ')
{%- endmacro %}

{#- id_times.sql -#}
-- fmt: off
{% macro duckdb__base64url_as_number(text) -%}
    list_reduce(
        list_transform(
            string_split({{ text }}, ''),
            lambda digit: cast(
                instr('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', digit) - 1 as hugeint
            )
        ),
        lambda number, digit: number * 64 + digit
    )
{%- endmacro %}
-- fmt: on
