{#-
    Settings of a model that is built month by month: `config(**by_month())`. Each row has its `order_month` and
    `inputs_hash`, a hash of all that the month was made from. A run builds the months whose hash in the parent is another
    one than in the table (`changed_months`), replaces them (delete+insert; on Spark insert_overwrite), and deletes
    those that the parent does not have any more. The table itself says what it was built from, so whatever a run, a
    selection by hand or a kill left out is built the next time; `--full-refresh` builds all.
-#}
{% macro by_month(parent) -%}
    {{ return({
        'materialized': 'incremental',
        'incremental_strategy': 'delete+insert',
        'unique_key': 'order_month',
        'on_schema_change': 'fail',
        'pre_hook': "{{ delete_missing_months(ref('" ~ parent ~ "')) }}",
    }) }}
{%- endmacro %}

{% macro delete_missing_months(parent) -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where order_month not in (select order_month from {{ parent }} where inputs_hash is not null)
    {%- endif -%}
{%- endmacro %}

{#- As a condition on rows of the parent; nothing where all months are built. -#}
{% macro in_changed_months(rows, parent) -%}
    {%- if is_incremental() -%}
        where
            {{ rows }}.order_month in (
                select changed.order_month
                from
                    (
                        select order_month, inputs_hash
                        from {{ parent }}
                        except
                        select order_month, inputs_hash
                        from {{ this }}
                    ) as changed
            )
    {%- endif -%}
{%- endmacro %}

{#- How many more or fewer there are than before, after a comma: `, 2 orders more`; an empty text where as many. -#}
{% macro difference(now, before, one, many) -%}
    case
        when coalesce({{ now }}, 0) > coalesce({{ before }}, 0)
        then ', ' || {{ counted('coalesce(' ~ now ~ ', 0) - coalesce(' ~ before ~ ', 0)', one, many) }} || ' more'
        when coalesce({{ now }}, 0) < coalesce({{ before }}, 0)
        then ', ' || {{ counted('coalesce(' ~ before ~ ', 0) - coalesce(' ~ now ~ ', 0)', one, many) }} || ' fewer'
        else ''
    end
{%- endmacro %}
