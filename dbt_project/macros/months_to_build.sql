{#-
    The months that an incremental model has to build, with the hash of what they are made of (int_journey_months): all of
    them, or those that differ from what the model's table was made of. Each row of such a table has the hash in
    `inputs_hash`. A month in which the model has no rows is one row in which the rest is null, so that a month that becomes
    empty replaces what was there, and is not built again each time: who reads the table leaves such rows out.
-#}
{% macro months_to_build() -%}
    {%- if is_incremental() -%}
        select coalesce(months.month, built.month) as month, coalesce(months.inputs_hash, 'no journeys') as inputs_hash
        from {{ ref('int_journey_months') }} as months
        full outer join
            (select month, max(inputs_hash) as inputs_hash from {{ this }} group by month) as built
            on built.month = months.month
        where built.month is null or coalesce(months.inputs_hash, 'no journeys') <> built.inputs_hash
    {%- else -%} select month, inputs_hash from {{ ref('int_journey_months') }}
    {%- endif -%}
{%- endmacro %}
