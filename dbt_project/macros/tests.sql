{#- Generic tests that dbt itself does not have. -#}
{#-
    No two rows have the same values in `columns`, and the columns of `not_null` are never empty: one test where dbt's own
    would be one for each column. By hash first: a large table is grouped by 64 bits, and only keys whose hashes are not
    alone are looked at whole.
-#}
{% test is_key(model, columns, not_null=[]) %}
    with
        suspected as (
            select {{ row_hash(columns) }} as key_hash
            from {{ model }}
            group by {{ row_hash(columns) }}
            having count(*) > 1
        )

    select {{ columns | join(', ') }}, count(*) as rows_found, 'several rows have this key' as fault
    from {{ model }}
    where {{ row_hash(columns) }} in (select key_hash from suspected)
    group by {{ columns | join(', ') }}
    having count(*) > 1
    {%- for column in not_null %}

        union all

        select {{ columns | join(', ') }}, count(*) as rows_found, '{{ column }} is empty' as fault
        from {{ model }}
        where {{ column }} is null
        group by {{ columns | join(', ') }}
    {%- endfor %}
{% endtest %}

{% test is_true(model, expression) %}
    select * from {{ model }} where not coalesce({{ expression }}, false)
{% endtest %}
