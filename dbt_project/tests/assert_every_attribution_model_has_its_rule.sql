{{ config(meta={'dagster': {'ref': {'name': 'attribution_models'}}}) }}
-- What plan.yml may name, and what macros/attribution_models.sql has a rule for.
select coalesce(named.attribution_model, ruled.attribution_model) as attribution_model
from {{ ref('attribution_models') }} as named
full outer join
    (
        {%- for attribution_model in attribution_models() %}
            {% if not loop.first %}
                union all
            {% endif %}
            select '{{ attribution_model }}' as attribution_model
        {%- endfor %}
    ) as ruled
    on ruled.attribution_model = named.attribution_model
where named.attribution_model is null or ruled.attribution_model is null
