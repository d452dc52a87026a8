{{ config(meta={'dagster': {'ref': {'name': 'reach__daily'}}}, group='reach') }}
-- What posts gained day by day is what their lifetime counters say.
{%- for counter in post_counters() %}
    {% if not loop.first %}
        union all
    {% endif %}
    select '{{ counter }}' as counter, gained.total as gained, counted.total as counted
    from (select coalesce(sum({{ counter }}), 0) as total from {{ ref('reach__daily') }}) as gained
    cross join (select coalesce(sum({{ counter }}), 0) as total from {{ ref('reach__posts') }}) as counted
    where gained.total <> counted.total
{%- endfor %}
