{%- set sources = {
    'conversion': ('int_conversions_latest', 'conversion_id', 'converted_at', "kind = 'sale'"),
    'survey': ('int_surveys_latest', 'response_id', 'answered_at', 'order_id is not null'),
    'click': ('int_clicks_latest', 'click_id', 'clicked_at', 'order_id is not null'),
    'refund': ('int_refunds_latest', "shop || ' ' || refund_id", 'refunded_at', 'true'),
} -%}
with
    claims as (
        {%- for claim_type, (model, claim_id, claimed_at, condition) in sources.items() %}
            {% if not loop.first %}
                union all
            {% endif %}
            select
                '{{ claim_type }}' as claim_type,
                {{ claim_id }} as claim_id,
                _entry as entry_id,
                shop,
                {{ order_number('order_id') }} as order_number,
                {%- if claim_type == 'refund' %}
                    cast(null as {{ dbt.type_string() }}) as person_id, false as names_somebody,
                {%- else %} customer_id as person_id, names_somebody,
                {%- endif %}
                {{ claimed_at }} as claimed_at,
                {{ "coalesce(state, 'approved') = 'reversed'" if claim_type == 'conversion' else 'false' }}
                as is_reversed
            from {{ ref(model) }}
            where {{ condition }}
        {%- endfor %}
    )

select claims.*, {{ day_in_zone('claims.claimed_at', 'settings.timezone') }} as claimed_on
from claims
cross join {{ ref('stg_plan__settings') }} as settings
