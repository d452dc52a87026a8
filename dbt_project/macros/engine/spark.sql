{#-
    How Apache Spark (4.2 or later, ANSI mode, TIMESTAMP_NTZ, UTC) writes what the engines write differently; names.sql
    and the macros beside it say what each is. Literals of patterns are raw (r'…'): in others a backslash escapes.
-#}
{% macro spark__matches(value, pattern) -%} ({{ value }} rlike {{ spark__pattern(pattern) }}) {%- endmacro %}

{#- `$` is the end of the text, as DuckDB reads it; Java's is also before a last line break. `(?d)`: a line ends with \n. -#}
{% macro spark__pattern(pattern) -%} {{ "r'(?d)" ~ (pattern | replace('$', '\\z')) ~ "'" }} {%- endmacro %}

{#- regexp_replace replaces wherever it finds: a pattern that is anchored is found once. -#}
{% macro spark__replace_pattern(value, pattern, replacement) -%}
    {%- if not ('^' in pattern[:5] or pattern.endswith('$') or pattern.endswith(')$')) -%}
        {%- do exceptions.raise_compiler_error('not anchored, so that Spark would replace it everywhere: ' ~ pattern) -%}
    {%- endif -%}
    {{ spark__replace_every(value, pattern, replacement) }}
{%- endmacro %}

{% macro spark__replace_every(value, pattern, replacement) -%}
    regexp_replace({{ value }}, {{ spark__pattern(pattern) }}, '{{ spark__as_replacement(replacement) }}')
{%- endmacro %}
{% macro spark__as_replacement(parts) -%}
    {%- for part in parts -%} {{ ('$' ~ part) if part in '123456789' else part }} {%- endfor -%}
{%- endmacro %}

{% macro spark__found_in(value, pattern, group) -%}
    regexp_extract({{ value }}, {{ spark__pattern(pattern) }}, {{ group }})
{%- endmacro %}

{#- What is no UTF-8 becomes U+FFFD. -#}
{% macro spark__decoded(value) -%}
    coalesce(
        case when not contains(try_url_decode({{ value }}), char(65533)) then try_url_decode({{ value }}) end,
        {{ value }}
    )
{%- endmacro %}

{% macro spark__clock_time(value) -%} {{ spark__clock_time_as(value, 'timestamp_ntz') }} {%- endmacro %}

{% macro spark__clock_time_as(value, data_type) -%}
    case
        when {{ matches(value, '[T ]24:00(:00([.]0+)?)?([+-]|$)') }}
        then try_cast({{ replace_every(value, '([T ])24:', ['1', '00:']) }} as {{ data_type }}) + interval '1' day
        else try_cast({{ value }} as {{ data_type }})
    end
{%- endmacro %}

{#- Of the hour that comes twice in autumn the later one, as DuckDB takes it; Java takes the earlier. -#}
{% macro spark__to_utc(local, timezone) -%}
    {%- set earlier = "convert_timezone(" ~ timezone ~ ", 'UTC', " ~ local ~ ")" -%}
    case
        when {{ timezone }} = 'UTC'
        then {{ local }}
        when convert_timezone('UTC', {{ timezone }}, {{ earlier }} + interval '1' hour) = {{ local }}
        then {{ earlier }} + interval '1' hour
        else {{ earlier }}
    end
{%- endmacro %}

{% macro spark__time_in_words(value) -%}
    case
        when {{ matches(value, '[A-Za-z]{3}') }}
        then
            coalesce(
                {%- for day in ['MMMM d, yyyy', 'MMM d, yyyy', 'd MMMM yyyy', 'd MMM yyyy'] -%}
                    {%- set last = loop.last -%}
                    {%- for time in ['', ' h:mm a', ' h:mm:ss a', ' H:mm', ' H:mm:ss'] -%}
                        try_to_timestamp(trim({{ value }}), '{{ day ~ time }}'){{ ', ' if not (loop.last and last) }}
                    {%- endfor -%}
                {%- endfor -%}
            )
    end
{%- endmacro %}

{% macro spark__day_in_zone(moment, timezone) -%}
    cast(convert_timezone('UTC', {{ timezone }}, {{ moment }}) as date)
{%- endmacro %}

{% macro spark__offset_to_utc(value) -%}
    {%- set with_offset = replace_pattern(replace_pattern(value, ' *(Z|UTC|GMT)$', ['+00:00']), ' *([+-][0-9]{2})$', ['1', ':00']) -%}
    {%- set with_colon = replace_pattern(with_offset, ' *([+-][0-9]{2}):?([0-9]{2})$', ['1', ':', '2']) -%}
    {%- set with_seconds = replace_every(with_colon, '([T ][0-9]{1,2}:[0-9]{2})([+-])', ['1', ':00', '2']) -%}
    cast({{ spark__clock_time_as(with_seconds, 'timestamp_ltz') }} as timestamp_ntz)
{%- endmacro %}

{% macro spark__split_to_rows(column, separator) -%} explode(split({{ column }}, '[{{ separator }}]')) {%- endmacro %}

{% macro spark__day_spine(first, last) -%}
    select explode(case when first_day <= last_day then sequence(first_day, last_day, interval '1' day) end) as day
    from (select cast({{ first }} as date) as first_day, cast({{ last }} as date) as last_day) as bounds
{%- endmacro %}

{#- The adapter runs what is between the marks in rounds (plugins/dbt/adapters/sparksession/rounds.py). -#}
{% macro spark__closure(name, columns, given, start, step) -%}
    {%- for cte, sql in given.items() %} {{ cte }} as ({{ sql }}), {% endfor %}
    {{ name }} as (  /* rounds {{ columns | join(',') }}*/
        {{ start }}  /* step*/
        union
        {{ step }}  /* end*/
    )
{%- endmacro %}

{% macro spark__seconds_between(earlier, later) -%}
    (
        cast(unix_micros(cast({{ later }} as timestamp_ltz)) as double) / 1000000
        - cast(unix_micros(cast({{ earlier }} as timestamp_ltz)) as double) / 1000000
    )
{%- endmacro %}

{% macro spark__columns_with(relation, column, expression) -%}
    {{ relation }}.* except ({{ column }}), {{ expression }} as {{ column }}
{%- endmacro %}

{% macro spark__list_in_order(value, order_by) -%}
    transform(array_sort(collect_list(struct({{ order_by }}, {{ value }} as listed))), one -> one.listed)
{%- endmacro %}

{% macro spark__row_hash(expressions) -%} xxhash64({{ expressions | join(', ') }}) {%- endmacro %}

{% macro spark__readable_count(value) -%} format_number(cast({{ value }} as bigint), 0) {%- endmacro %}

{% macro spark__sum_of_hashes(hashes) -%} cast(sum(cast({{ hashes }} as decimal(38, 0))) as string) {%- endmacro %}

{% macro spark__neighbour(side, value) -%} {{ side }} ({{ value }}) ignore nulls {%- endmacro %}

{#- id_times.sql: whole numbers that are not negative, also above 64 bits. -#}
{% macro spark__shift_right(number, bits) -%}(({{ number }}) div cast({{ 2 ** bits }} as bigint)) {%- endmacro %}

{% macro spark__moment_of_epoch(seconds) -%}
    cast(timestamp_seconds(cast(floor({{ seconds }}) as bigint)) as timestamp_ntz)
{%- endmacro %}

{#- deliveries.sql. In one pass: a CTE that is read three times is computed three times. -#}
{% macro spark__newest_of_each(rows, key, has_aliases) -%}
    select *
    from ({{ rows }}) as delivered
    where {{ is_current_delivery() }}
    qualify
        row_number() over (
            partition by {{ key | join(', ') }}
            order by {{ '_is_alias, ' if has_aliases }}_delivery_order desc, _row desc
        )
        = 1
{%- endmacro %}

{#- english_dates.sql -#}
{% macro spark__english_day(column) -%}
    case
        when {{ matches('trim(' ~ column ~ ')', '^[A-Z][a-z]{2} [0-9]{1,2}, [0-9]{4}$') }}
        then try_to_timestamp(trim({{ column }}), 'MMM d, yyyy')
    end
{%- endmacro %}

{#- ga4.sql -#}
{% macro spark__ga4_params(column) -%}
    from_json({{ column }}, 'array<struct<key string, value struct<string_value string, int_value string>>>')
{%- endmacro %}

{% macro spark__ga4_param(params, key) -%}
    {%- set found = "get(filter(" ~ params ~ ", param -> param.key = '" ~ key ~ "'), 0).value" -%}
    coalesce({{ found }}.string_value, {{ found }}.int_value)
{%- endmacro %}

{% macro spark__ga4_time(value) -%}
    case
        length(trim({{ value }}))
        when 16
        then cast(timestamp_micros(try_cast({{ value }} as bigint)) as timestamp_ntz)
        when 10
        then {{ to_utc("try_to_timestamp(trim(" ~ value ~ "), 'yyyyMMddHH')", '_timezone') }}
        when 8
        then {{ to_utc("try_to_timestamp(trim(" ~ value ~ "), 'yyyyMMdd')", '_timezone') }}
    end
{%- endmacro %}

{% macro spark__ga4_field(object, key) -%} get_json_object({{ object }}, '$.{{ key }}') {%- endmacro %}

{#- linkedin.sql -#}
{% macro spark__linkedin_id(link) -%}
    nullif({{ found_in(link, '(?:activity|share|ugcPost)(?::|-|%3A)([0-9]{19})(?:[^0-9]|$)', 1) }}, '')
{%- endmacro %}

{% macro spark__linkedin_time(id) -%}
    cast(timestamp_millis(shiftright(try_cast({{ id }} as bigint), 22)) as timestamp_ntz)
{%- endmacro %}

{#-
    pseudonym.sql: the pads come from a table, because a literal would be in queries, plans and Spark's UI. transform()
    gives the column a name: written four times, it would be planned four times.
-#}
{% macro spark__pseudonym(column) -%}
    {%- set message -%}
        get(
            transform(
                array(trim({{ column }})), id -> case when contains(id, '@') then lower(id) when id <> '' then id end
            ),
            0
        )
    {%- endset -%}
    substr(
        sha2(
            concat(
                (select outer_pad from engine.pads),
                unhex(sha2(concat((select inner_pad from engine.pads), encode({{ message }}, 'utf-8')), 256))
            ),
            256
        ),
        1,
        32
    )
{%- endmacro %}

{#-
    Tables on the files, one statement each. The columns of raw are those that are declared, so that no footer is read;
    a folder in which nothing was delivered has only a file that Spark does not read, because of the `_` of its name.
-#}
{% macro spark__register_raw() -%}
    {%- set folder = env_var('RAW_LOCATION') -%}
    {%- for schema in graph.sources.values() | map(attribute='schema') | unique %}
        {%- do adapter.create_schema(api.Relation.create(schema=schema)) -%}
    {%- endfor %}
    {%- for table in graph.sources.values() %}
        {%- set columns = [] -%}
        {%- set file = '/' ~ table.name -%}
        {%- if table.source_name == 'raw' -%}
            {%- for column in table.columns.values() | map(attribute='name') -%}
                {%- do columns.append('`' ~ column ~ '` string') -%}
            {%- endfor -%}
            {%- for column in raw_provenance() -%}
                {%- do columns.append(column ~ (' bigint' if column == '_row' else ' string')) -%}
            {%- endfor -%}
        {%- else -%} {%- set file = '/' ~ table.source_name ~ '/' ~ table.name ~ '.parquet' -%}
        {%- endif -%}
        {%- set name = table.schema ~ '.' ~ table.identifier -%}
        {%- set location = (folder ~ file) | replace('\\', '\\\\') | replace("'", "\\'") -%}
        {%- do run_query('drop table if exists ' ~ name) -%}
        {%- do run_query(
            'create table ' ~ name ~ (' (' ~ columns | join(', ') ~ ')' if columns else '') ~ " using parquet location '" ~ location ~ "'"
        ) -%}
    {%- endfor %}
{%- endmacro %}

{#- shopify.sql -#}
{% macro spark__parsed_json(column, structure) -%} from_json({{ column }}, '{{ structure }}') {%- endmacro %}

{% macro spark__airbyte_line_amount(lines, of_gift_cards) -%}
    {%- set structure = 'array<struct<gift_card string, quantity decimal(18,2), price decimal(18,2)>>' -%}
    {%- set rows = spark__parsed_json(lines, structure) -%}
    {%- if of_gift_cards -%}
        {%- set rows = "filter(" ~ rows ~ ", line -> lower(line.gift_card) = 'true')" -%}
    {%- endif -%}
    cast({{ spark__sum_of_list("transform(" ~ rows ~ ", line -> line.quantity * line.price)") }} as decimal(18, 2))
{%- endmacro %}

{#- Null where the list is empty or holds nothing that is known, as list_sum() has it. -#}
{% macro spark__sum_of_list(list) -%}
    aggregate(
        filter({{ list }}, one -> one is not null),
        cast(null as decimal(38, 4)),
        (total, one) -> cast(coalesce(total, 0) + one as decimal(38, 4))
    )
{%- endmacro %}

{% macro spark__airbyte_codes(codes) -%}
    nullif(
        array_join(
            transform({{ spark__parsed_json(codes, 'array<struct<code string>>') }}, one -> trim(one.code)), ';'
        ),
        ''
    )
{%- endmacro %}

{% macro spark__airbyte_refunds(refunds) -%}
    {%- set good = 'struct<subtotal decimal(18,2), total_tax decimal(18,2), line_item struct<gift_card string>>' -%}
    {%- set adjustment = 'struct<amount decimal(18,2), kind string, reason string>' -%}
    {%- set structure -%}
        array<struct<id string, created_at string, processed_at string, refund_line_items array<{{ good }}>,
        order_adjustments array<{{ adjustment }}>>>
    {%- endset -%}
    explode({{ spark__parsed_json(refunds, structure) }})
{%- endmacro %}

{% macro spark__airbyte_refund_sum(part) -%}
    {%- set goods = "filter(refund.refund_line_items, one -> coalesce(lower(one.line_item.gift_card), '') <> 'true')" -%}
    {%- if part == 'parts' -%}
        coalesce(array_size(refund.refund_line_items), 0) + coalesce(array_size(refund.order_adjustments), 0)
    {%- elif part == 'discrepancy' -%}
        {%- set kind = shopify_is_discrepancy('coalesce(one.kind, one.reason)') -%}
        {%- set found = "filter(refund.order_adjustments, one -> " ~ kind ~ ")" -%}
        coalesce({{ spark__sum_of_list("transform(" ~ found ~ ", one -> one.amount)") }}, 0)
    {%- else -%} coalesce({{ spark__sum_of_list("transform(" ~ goods ~ ", one -> one." ~ part ~ ")") }}, 0)
    {%- endif -%}
{%- endmacro %}

{#- surveymonkey.sql -#}
{% macro spark__surveymonkey_time(value, date_style) -%}
    case
        {%- for style, day in [('month-day', 'M/d/yyyy'), ('day-month', 'd/M/yyyy')] %}
            {%- set tried = [] -%}
            {%- for clock in ['h:m:s a', 'h:m a', 'H:m:s', 'H:m'] -%}
                {%- do tried.append("try_to_timestamp(upper(trim(" ~ value ~ ")), '" ~ day ~ " " ~ clock ~ "')") -%}
            {%- endfor %}
            when lower(trim({{ date_style }})) = '{{ style }}'
            then {{ to_utc('coalesce(' ~ tried | join(', ') ~ ')', '_timezone') }}
        {%- endfor %}
    end
{%- endmacro %}

{% macro spark__leading_count(value) -%}
    try_cast(nullif(regexp_extract(trim({{ value }}), '^[0-9]+', 0), '') as bigint)
{%- endmacro %}

{#- woocommerce.sql -#}
{% macro spark__woocommerce_codes(items) -%}
    nullif(array_join(regexp_extract_all({{ items }}, r'(?:^|;) *code:([^|;]+)', 1), ';'), '')
{%- endmacro %}

{% macro spark__woocommerce_refunds(items) -%}
    explode(regexp_extract_all({{ items }}, r'{{ woocommerce_refund_pattern() }}', 1))
{%- endmacro %}

{% macro spark__woocommerce_unread_refunds(items) -%}
    trim(both '; ' from regexp_replace({{ items }}, r'{{ woocommerce_refund_pattern() }}', ''))
{%- endmacro %}

{#- id_times.sql -#}
-- fmt: off
{% macro spark__base64url_as_number(text) -%}
    aggregate(
        filter(split({{ text }}, ''), digit -> digit <> ''),
        cast(0 as decimal(38, 0)),
        (number, digit) -> cast(
            number * 64
            + (instr('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', digit) - 1) as decimal(38, 0)
        )
    )
{%- endmacro %}
-- fmt: on
