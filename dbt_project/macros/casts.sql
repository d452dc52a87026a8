{#
    How verbatim text becomes a value: one macro per data_type of models/raw/*.yml, and nothing else.

    Staging casts with these macros, and landing (orchestration/landing/casts.py) renders the same file to find
    the values that do not parse, so what was kept can always be cast. A macro gives null for an empty text and for
    one that it cannot read; it never guesses. How a delivery writes numbers and times travels with each raw row:
    `_decimal` ('.' or ','; empty: not declared), `_date_order` (`day-month`, `month-day`; empty: year first), `_timezone` (IANA).

    What most files write is recognised first, by casting it and writing it back: patterns and wide decimals cost up to a
    hundred times as much, and the rest of each macro gives the same for such a text.
#}
{#- Whether a text is what the engine would write for the value that it reads from it. -#}
{% macro is_written_so(column, data_type) -%}
    cast(try_cast({{ column }} as {{ data_type }}) as string) = {{ column }}
{%- endmacro %}

{% macro as_text(column) -%} nullif(trim({{ column }}), '') {%- endmacro %}

{#- Several values in one text stay a text (`a;b`): models that need the parts split them. -#}
{% macro as_list(column) -%} nullif(trim({{ column }}), '') {%- endmacro %}

{% macro as_currency(column) -%}
    case when {{ matches('upper(trim(' ~ column ~ '))', '^[A-Z]{3}$') }} then upper(trim({{ column }})) end
{%- endmacro %}

{% macro as_boolean(column) -%}
    case
        when lower(trim({{ column }})) in ('true', 't', 'yes', 'y', '1', '1.0')
        then true
        when lower(trim({{ column }})) in ('false', 'f', 'no', 'n', '0', '0.0')
        then false
    end
{%- endmacro %}

{#-
    A number as text with a dot. The thousands sign is only read where the entry declares the decimal sign:
    without that, `1,234` could be either.
-#}
{% macro as_plain_number(column) -%}
    {%- set value = 'trim(' ~ column ~ ')' -%}
    case
        when _decimal = ',' and {{ matches(value, '^[+-]?([0-9]{1,3}([.][0-9]{3})+|[0-9]+)(,[0-9]+)?$') }}
        then replace(replace({{ value }}, '.', ''), ',', '.')
        when _decimal = '.' and {{ matches(value, '^[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)([.][0-9]+)?$') }}
        then replace({{ value }}, ',', '')
        when
            coalesce(_decimal, '') <> ','
            and {{ matches(value, '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$') }}
        then {{ value }}
    end
{%- endmacro %}

{% macro as_number(column) -%} try_cast({{ as_plain_number(column) }} as double) {%- endmacro %}

{#- Rounded half away from zero, to the cent: exports of prices without tax often carry more places. -#}
{% macro as_money(column) -%}
    case
        when coalesce(_decimal, '') <> ',' and {{ matches(column, '^[0-9]{1,16}([.][0-9]{1,2})?$') }}
        then try_cast({{ column }} as decimal(18, 2))
        else try_cast(round(try_cast({{ as_plain_number(column) }} as decimal(38, 10)), 2) as decimal(18, 2))
    end
{%- endmacro %}

{#- `12.0` is twelve (spreadsheets and pandas write counts so); `12.5` is no count and stays unread. -#}
{% macro as_count(column) -%}
    case
        when {{ is_written_so(column, 'bigint') }}
        then try_cast({{ column }} as bigint)
        when try_cast({{ as_plain_number(column) }} as decimal(38, 10)) % 1 = 0
        then try_cast(try_cast({{ as_plain_number(column) }} as decimal(38, 10)) as bigint)
    end
{%- endmacro %}

{#-
    A date or a time as ISO 8601. Year first cannot be misread; `03/04/2026` could be March or April, so it is read
    only where the entry declares its `date_order`.
-#}
{% macro as_iso_text(column) -%}
    {%- set value = 'trim(' ~ column ~ ')' -%}
    {%- set day_and_month = '^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})($|[T ,])' -%}
    case
        when _date_order = 'day-month'
        then {{ replace_pattern(value, day_and_month, ['3', '-', '2', '-', '1', '4']) }}
        when _date_order = 'month-day'
        then {{ replace_pattern(value, day_and_month, ['3', '-', '1', '-', '2', '4']) }}
        else replace({{ value }}, '/', '-')
    end
{%- endmacro %}

{% macro as_date(column) -%}
    case
        when {{ is_written_so(column, 'date') }}
        then try_cast({{ column }} as date)
        when {{ matches(as_iso_text(column), '^' ~ iso_date() ~ '([T ].*)?$') }}
        then try_cast(split_part(replace({{ as_iso_text(column) }}, 'T', ' '), ' ', 1) as date)
    end
{%- endmacro %}

{#- To UTC: by the offset that the text carries, else by the delivery's time zone. A bare date is its midnight there. -#}
{% macro as_timestamp(column) -%}
    case
        when {{ is_written_so(column, 'timestamp') }}
        then {{ to_utc('try_cast(' ~ column ~ ' as timestamp)', '_timezone') }}
        when {{ matches(as_iso_text(column), '^' ~ iso_date() ~ '(' ~ iso_time() ~ ')?$') }}
        then {{ to_utc(clock_time(as_iso_text(column)), '_timezone') }}
        when
            {{ matches(as_iso_text(column), '^' ~ iso_date() ~ iso_time() ~ ' *(Z|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)$') }}
        then {{ offset_to_utc(as_iso_text(column)) }}
    end
{%- endmacro %}

{#- The last moment of a period: a bare date means to the end of that day. -#}
{% macro as_timestamp_end(column) -%}
    case
        when {{ matches(as_iso_text(column), '^' ~ iso_date() ~ '$') }}
        then
            {{ to_utc('try_cast(' ~ as_iso_text(column) ~ " as timestamp) + interval '1' day - interval '1' microsecond", '_timezone') }}
        else {{ as_timestamp(column) }}
    end
{%- endmacro %}

{#- As as_timestamp, or in English words with the year: `March 15, 2026 3:41 am`, which can be read in one way only. -#}
{% macro as_timestamp_in_words(column) -%}
    coalesce({{ as_timestamp(column) }}, {{ to_utc(time_in_words(column), '_timezone') }})
{%- endmacro %}

{#- As as_date, or month first with two digits of the year: `3/15/26`. Only for exports that always write so. -#}
{% macro as_month_day_year(column) -%}
    {%- set pattern = '^([0-9]{1,2})/([0-9]{1,2})/([0-9]{2})$' -%}
    case
        when {{ matches('trim(' ~ column ~ ')', pattern) }}
        then try_cast({{ replace_pattern('trim(' ~ column ~ ')', pattern, ['20', '3', '-', '1', '-', '2']) }} as date)
        else {{ as_date(column) }}
    end
{%- endmacro %}

{#- A time of day (`9:05`, `09:05:10`) as text with two digits of the hour. -#}
{% macro as_clock(column) -%}
    case
        when {{ matches('trim(' ~ column ~ ')', '^([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$') }}
        then {{ replace_pattern('trim(' ~ column ~ ')', '^([0-9]):', ['0', '1', ':']) }}
    end
{%- endmacro %}

{#- A number with a dot and without thousands signs, so that 1.234 and 24.315 can be read in one way only. -#}
{% macro as_rate(column) -%}
    case
        when {{ matches('trim(' ~ column ~ ')', '^[0-9]+([.][0-9]+)?$') }}
        then try_cast(trim({{ column }}) as {{ type_double() }})
    end
{%- endmacro %}

{#- Patterns. -#}
{% macro iso_date() -%} {{ '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}' }} {%- endmacro %}
{% macro iso_time() -%} {{ '[T ]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?' }} {%- endmacro %}
