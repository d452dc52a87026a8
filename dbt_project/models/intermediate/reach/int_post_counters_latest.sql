-- Each counter separately: where the newest observation lacks one, its last known value counts.
select
    post_id,
    max(observed_at) as observed_at,
    {%- for counter in post_counters() %}
        max_by({{ counter }}, observed_at) filter (where {{ counter }} is not null) as {{ counter }}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
from {{ ref('int_post_metrics_latest') }}
group by post_id
