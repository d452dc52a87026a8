{#
    A person's id as the warehouse may hold it: HMAC-SHA256 (RFC 2104) under the programme's key, as 32 hexadecimal
    digits (128 bits). Ids and e-mail addresses of customers never leave raw. The same person gets the same pseudonym
    in every extract: blanks around an id do not count, nor does the case of an e-mail address. (Ids keep their case:
    some shops' ids differ in nothing else.)

    The key is never part of SQL (which is logged): plugins/pseudonym_key.py puts the two padded halves into session
    variables.
#}
{% macro pseudonym(column) -%} {{ adapter.dispatch('pseudonym')(column) }} {%- endmacro %}
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
