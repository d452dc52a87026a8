-- A platform's counter is a lifetime total, so what a day brought is the difference to the
-- observation before. Where an observation lacks a counter, the difference spans both days.
with
    days as (
        select
            metrics.post_id,
            {{ day_in_zone('metrics.observed_at', 'settings.timezone') }} as day,
            {%- for counter in post_counters() %}
                max_by(metrics.{{ counter }}, metrics.observed_at) filter (
                    where metrics.{{ counter }} is not null
                ) as {{ counter }}
                {%- if not loop.last %},{% endif %}
            {%- endfor %}
        from {{ ref('int_post_metrics_latest') }} as metrics
        cross join {{ ref('stg_plan__settings') }} as settings
        group by metrics.post_id, {{ day_in_zone('metrics.observed_at', 'settings.timezone') }}
    )

select
    post_id,
    day,
    {%- for counter in post_counters() %}
        {{ counter }}
        - coalesce({{ neighbour('lag', counter) }} over (partition by post_id order by day), 0) as {{ counter }}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
from days
