{#
    A person's id as the warehouse may hold it: HMAC-SHA256 (RFC 2104) under the programme's key, as 32 hexadecimal
    digits (128 bits). Ids, e-mail addresses and telephone numbers of customers never leave raw. The same id gets the same
    pseudonym in every extract: blanks around it do not count, nor does the case of an e-mail address. (Ids keep their
    case: some shops' ids differ in nothing else.)

    The key is never part of SQL (which is logged): plugins/pseudonym_key.py puts the two padded halves into session
    variables.
#}
{% macro pseudonym(column) -%} {{ adapter.dispatch('pseudonym')(column) }} {%- endmacro %}

{#-
    What an export knows a person by, with its kind before the pseudonym (`account …`, `email …`, `phone …`): an address
    and a telephone number mean the same person everywhere, an account only in its shop. macros/people.sql says who it is.
-#}
{% macro identifier(column) -%}
    case
        when position('@' in {{ column }}) > 0
        then 'email ' || {{ pseudonym(column) }}
        when left(trim({{ column }}), 1) = '+' and {{ as_international_phone(column) }} is not null
        then 'phone ' || {{ pseudonym(as_international_phone(column)) }}
        else 'account ' || {{ pseudonym(column) }}
    end
{%- endmacro %}

{#- The pseudonym of each e-mail address of a column; null where it is not an address. -#}
{% macro email_identifier(column) -%}
    case when position('@' in {{ column }}) > 0 then 'email ' || {{ pseudonym(column) }} end
{%- endmacro %}

{#- The pseudonym of each telephone number of a column; null where its country is not known. -#}
{% macro phone_identifier(column, country) -%} 'phone ' || {{ pseudonym(as_phone(column, country)) }} {%- endmacro %}
