{%- set columns = [] -%}
{%- if execute -%}
    {%- for column in graph.sources['source.' ~ project_name ~ '.raw.ecb_exchange_rates'].columns.values() -%}
        {%- if column.data_type == 'rate' %} {% do columns.append(column.name) %} {% endif -%}
    {%- endfor -%}
{%- endif -%}

with
    days as (
        select
            {{ as_date('valid_on') }} as valid_on,
            {% for column in columns %} {{ as_rate(column) }} as {{ column }},{% endfor %}
            1 as eur,
            {{ provenance() }}
        from {{ source('raw', 'ecb_exchange_rates') }}
    ),

    currencies as (
        select currency
        from (values ('EUR'){% for column in columns %}, ('{{ column | upper }}'){% endfor %}) as listed(currency)
    ),

    -- Units per euro of each currency, and of the one that we report in.
    per_euro as (
        select
            currencies.currency,
            days.valid_on,
            {% for unit, of in [('currency', 'currencies.currency'), ('reporting', 'settings.currency')] %}
                case
                    {{ of }}
                    {% for column in columns + ['eur'] %}
                        when '{{ column | upper }}' then days.{{ column }}
                    {% endfor %}
                end as units_of_{{ unit }},
            {% endfor %}
            {{ provenance('days') }}
        from days
        cross join currencies
        cross join {{ ref('stg_plan__settings') }} as settings
    )

select
    currency,
    valid_on,
    cast(cast(units_of_reporting as {{ type_double() }}) / units_of_currency as decimal(18, 8)) as rate,
    {{ provenance() }}
from per_euro
where units_of_currency > 0 and units_of_reporting > 0
