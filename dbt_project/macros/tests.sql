{#- Generic tests that dbt itself does not have. -#}

{#- By hash first: a large table is grouped by 64 bits, and only keys whose hashes are not alone are looked at whole. -#}
{% test unique_together(model, columns) %}
with suspected as (
    select {{ row_hash(columns) }} as key_hash
    from {{ model }}
    group by {{ row_hash(columns) }}
    having count(*) > 1
)

select {{ columns | join(', ') }}, count(*) as rows_of_one_key
from {{ model }}
where {{ row_hash(columns) }} in (select key_hash from suspected)
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}

{% test is_true(model, expression) %}
select *
from {{ model }}
where not coalesce({{ expression }}, false)
{% endtest %}
