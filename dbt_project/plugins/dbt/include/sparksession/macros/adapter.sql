{% macro sparksession__get_binding_char() %} {{ return('?') }} {% endmacro %}

{#- A Python model: its code, and where python_models.py writes what it returns. -#}
{% macro sparksession__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {%- if language == 'python' -%}
        {%- set is_partitioned = is_of_parts() and not temporary -%}
        {{ compiled_code }}
table = "{{ relation }}"
partitioned_by = "{{ config.get('partition_by') if is_partitioned }}"
place = {{ (adapter.name_place(relation) if is_partitioned else '') | tojson }}
    {%- else -%} {{ spark__create_table_as(temporary, relation, compiled_code, language) }}
    {%- endif -%}
{%- endmacro %}

{#- A folder's models have one `partition_by`, which only incremental ones need: their parts are overwritten. -#}
{% macro sparksession__partition_cols(label, required=false) -%}
    {%- if is_of_parts() -%} {{ spark__partition_cols(label, required) }} {%- endif -%}
{%- endmacro %}

{#- They stay for the next run, and lie where no schema takes them along when it is dropped. -#}
{% macro sparksession__location_clause() -%}
    {%- if is_of_parts() -%}
        location '{{ adapter.name_place(this) | replace("\\", "\\\\") | replace("'", "\\'") }}'
    {%- endif -%}
{%- endmacro %}

{% macro is_of_parts() -%} {{ return(config.get('materialized') == 'incremental') }} {%- endmacro %}

{#- dbt-spark's own go through text and seconds; these keep a date a date. -#}
{% macro sparksession__dateadd(datepart, interval, from_date_or_timestamp) -%}
    ({{ from_date_or_timestamp }} + ({{ interval }}) * interval '1' {{ datepart }})
{%- endmacro %}

{% macro sparksession__datediff(first_date, second_date, datepart) -%}
    {%- if datepart == 'day' -%}
        cast(datediff(cast({{ second_date }} as date), cast({{ first_date }} as date)) as bigint)
    {%- elif datepart == 'month' -%}
        cast(
            (year({{ second_date }}) - year({{ first_date }})) * 12
            + month({{ second_date }})
            - month({{ first_date }}) as bigint
        )
    {%- else -%} {{ exceptions.raise_compiler_error('datediff of ' ~ datepart ~ ' is not written for Spark yet') }}
    {%- endif -%}
{%- endmacro %}

{% macro sparksession__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {%- if limit_num -%} {{ exceptions.raise_compiler_error('listagg with a limit is not written for Spark yet') }} {%- endif -%}
    listagg({{ measure }}, {{ delimiter_text }}) {% if order_by_clause -%} within group ({{ order_by_clause }}) {%- endif %}
{%- endmacro %}

{#- Types of contracts that Spark calls otherwise. -#}
{% macro sparksession__cast(field, type) -%}
    {%- set types = {'varchar': 'string', 'varchar[]': 'array<string>'} -%}
    cast({{ field }} as {{ types.get(type | lower, type) }})
{%- endmacro %}
