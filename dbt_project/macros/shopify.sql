{#- Shopify, whichever way its data comes: its export, or the tables that Fivetran and Airbyte land. -#}
{#- Whether an order is paid, and null where its state says neither. -#}
{% macro shopify_is_paid(status) -%}
    case
        when {{ status }} in ('paid', 'partially_refunded', 'refunded')
        then true
        when {{ status }} in ('pending', 'authorized', 'partially_paid', 'unpaid', 'expired', 'voided')
        then false
    end
{%- endmacro %}

{#- The newest row of each key of a table of raw: what parts of several tables are put together from. -#}
{% macro newest_rows(table, key) -%}
    select *
    from {{ source('raw', table) }}
    where {{ is_current_delivery() }}
    qualify
        row_number() over (
            partition by {% for column in key %} {{ as_text(column) }}{{ ', ' if not loop.last }}{% endfor %}
            order by _delivery_order desc, _row desc
        )
        = 1
{%- endmacro %}

{#- Rows that Fivetran did not find deleted. -#}
{% macro is_not_deleted() -%} not coalesce({{ as_boolean('is_deleted') }}, false) {%- endmacro %}

{#- Of the lines of an order (JSON): what they cost before discount, all or those that are gift cards. -#}
{% macro airbyte_line_amount(lines, of_gift_cards) -%}
    {{ adapter.dispatch('airbyte_line_amount')(lines, of_gift_cards) }}
{%- endmacro %}

{#- The codes of an order (JSON), separated by `;`. -#}
{% macro airbyte_codes(codes) -%} {{ adapter.dispatch('airbyte_codes')(codes) }} {%- endmacro %}

{#- One row per refund of an order (JSON), as column `refund`. -#}
{% macro airbyte_refunds(refunds) -%} {{ adapter.dispatch('airbyte_refunds')(refunds) }} {%- endmacro %}

{#- Of such a refund: how many parts it has, its merchandise and the tax of that, and its discrepancy. -#}
{% macro airbyte_refund_sum(part) -%} {{ adapter.dispatch('airbyte_refund_sum')(part) }} {%- endmacro %}

{#- `refund_discrepancy` in the spelling of each API: Refund discrepancy, REFUND_DISCREPANCY. -#}
{% macro shopify_is_discrepancy(reason) -%}
    replace(lower(trim({{ reason }})), ' ', '_') in ('refund_discrepancy', 'pending_refund_discrepancy')
{%- endmacro %}
