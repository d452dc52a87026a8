{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='post_id', on_schema_change='fail',
    meta={'grows_by': 'deliveries'}
) }}

-- Each counter by itself: where the newest observation lacks one, its last known value holds.
select
    post_id,
    max(observed_at) as observed_at,
    {%- for counter in post_counters() %}
    max_by({{ counter }}, observed_at) filter (where {{ counter }} is not null) as {{ counter }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
from {{ ref('int_post_metrics_latest') }}
{%- if is_incremental() %}
where post_id in (select post_id from {{ ref('int_post_metrics_latest') }} where {{ is_newly_delivered() }})
{%- endif %}
group by post_id
