{#
    What the engines write differently, each behind one name. Models and casts.sql call the names; a second engine
    (Spark) adds its own `spark__…` beside each `duckdb__…` and no model changes.
#}
{% macro matches(value, pattern) -%} {{ adapter.dispatch('matches')(value, pattern) }} {%- endmacro %}

{#- `replacement`: literal texts and numbers of groups, in order; the text unchanged where the pattern is not found. -#}
{% macro replace_pattern(value, pattern, replacement) -%}
    {{ adapter.dispatch('replace_pattern')(value, pattern, replacement) }}
{%- endmacro %}

{#- The same for every place where the pattern is found. (Spark: regexp_replace, whose groups are `$1`.) -#}
{% macro replace_every(value, pattern, replacement) -%}
    {{ adapter.dispatch('replace_every')(value, pattern, replacement) }}
{%- endmacro %}

{#- A group of the pattern where it is found first; an empty text where it is not. -#}
{% macro found_in(value, pattern, group) -%} {{ adapter.dispatch('found_in')(value, pattern, group) }} {%- endmacro %}

{#- A text without percent-encoding; as it is where it is encoded in no valid way. (Spark: try_url_decode.) -#}
{% macro decoded(value) -%} {{ adapter.dispatch('decoded')(value) }} {%- endmacro %}

{#- An ISO 8601 text without an offset as a clock time; 24:00 is the next midnight. -#}
{% macro clock_time(value) -%} {{ adapter.dispatch('clock_time')(value) }} {%- endmacro %}

{#- A clock time in a time zone (IANA name) as UTC. -#}
{% macro to_utc(local, timezone) -%} {{ adapter.dispatch('to_utc')(local, timezone) }} {%- endmacro %}

{#- A clock time in English words (`March 15, 2026 3:41 am`, `15 Mar 2026 15:41`); null for any other text. -#}
{% macro time_in_words(value) -%} {{ adapter.dispatch('time_in_words')(value) }} {%- endmacro %}

{#- Which day a moment (UTC) falls on in a time zone: the business day. -#}
{% macro day_in_zone(moment, timezone) -%} {{ adapter.dispatch('day_in_zone')(moment, timezone) }} {%- endmacro %}

{#- An ISO 8601 text that ends in an offset (Z, UTC, GMT, +02, -0400, +02:00, with or without a blank before it) as UTC. -#}
{% macro offset_to_utc(value) -%} {{ adapter.dispatch('offset_to_utc')(value) }} {%- endmacro %}

{#- One row per part of a list column (`a;b`), as column `part`. -#}
{% macro split_to_rows(column, separator) -%} {{ adapter.dispatch('split_to_rows')(column, separator) }} {%- endmacro %}

{#- Every day from one to another, both included, as a table with the column `day`; none where either is null. -#}
{% macro day_spine(first, last) -%} {{ adapter.dispatch('day_spine')(first, last) }} {%- endmacro %}

{#-
    CTEs of a query `with recursive`: those of `given` (name: SQL), and `name` with the rows of `start` and those that
    `step` finds from rows of `name`, until it finds no others. Each row is followed once, so circles end.
-#}
{% macro closure(name, columns, given, start, step) -%}
    {{ adapter.dispatch('closure')(name, columns, given, start, step) }}
{%- endmacro %}

{#- Seconds, with fractions, from one moment to a later one. -#}
{% macro seconds_between(earlier, later) -%} {{ adapter.dispatch('seconds_between')(earlier, later) }} {%- endmacro %}

{#- A count as people read it: 117,477. -#}
{% macro readable_count(value) -%} {{ adapter.dispatch('readable_count')(value) }} {%- endmacro %}

{#- dbt's own type_float is 32 bits on some engines. -#}
{% macro type_double() -%} double {%- endmacro %}

{#- All columns of a relation, one of them replaced. (Spark: `relation.* except (column), expression as column`.) -#}
{% macro columns_with(relation, column, expression) -%}
    {{ adapter.dispatch('columns_with')(relation, column, expression) }}
{%- endmacro %}

{#- The texts of a group as a list, in an order. (Spark: collect_list of structs, sorted.) -#}
{% macro list_in_order(value, order_by) -%} {{ adapter.dispatch('list_in_order')(value, order_by) }} {%- endmacro %}

{#- 64 bits that differ where rows differ in one of these expressions. (Spark: xxhash64 of coalesced texts.) -#}
{% macro row_hash(expressions) -%} {{ adapter.dispatch('row_hash')(expressions) }} {%- endmacro %}

{#- Hashes of rows added up exactly, as text: the same for the same rows, whatever their order. -#}
{% macro sum_of_hashes(hashes) -%} {{ adapter.dispatch('sum_of_hashes')(hashes) }} {%- endmacro %}

{#- The nearest known value before (`lag`), after (`lead`) or up to (`last_value`) a row; a window follows. (Spark: `lag(…) ignore nulls`.) -#}
{% macro neighbour(side, value) -%} {{ adapter.dispatch('neighbour')(side, value) }} {%- endmacro %}
