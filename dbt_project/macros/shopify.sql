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
{% macro duckdb__airbyte_line_amount(lines, of_gift_cards) -%}
    {%- set structure = '[{"gift_card": "VARCHAR", "quantity": "DECIMAL(18,2)", "price": "DECIMAL(18,2)"}]' -%}
    {%- set rows = parsed_json(lines, structure) -%}
    {%- if of_gift_cards -%}
        {%- set rows = "list_filter(" ~ rows ~ ", lambda line: lower(line.gift_card) = 'true')" -%}
    {%- endif -%}
    cast(list_sum(list_transform({{ rows }}, lambda line:line.quantity * line.price)) as decimal(18, 2))
{%- endmacro %}

{#- Null where the text is no JSON: an empty list is an empty text. -#}
{% macro parsed_json(column, structure) -%}
    from_json(case when json_valid({{ column }}) then {{ column }} end, '{{ structure }}')
{%- endmacro %}

{#- The codes of an order (JSON), separated by `;`. -#}
{% macro airbyte_codes(codes) -%} {{ adapter.dispatch('airbyte_codes')(codes) }} {%- endmacro %}
{% macro duckdb__airbyte_codes(codes) -%}
    {%- set rows = parsed_json(codes, '[{"code": "VARCHAR"}]') -%}
    nullif(array_to_string(list_transform({{ rows }}, lambda one:trim(one.code)), ';'), '')
{%- endmacro %}

{#- One row per refund of an order (JSON), as column `refund`. -#}
{% macro airbyte_refunds(refunds) -%} {{ adapter.dispatch('airbyte_refunds')(refunds) }} {%- endmacro %}
{% macro duckdb__airbyte_refunds(refunds) -%}
    {%- set good = '{"subtotal": "DECIMAL(18,2)", "total_tax": "DECIMAL(18,2)", "line_item": {"gift_card": "VARCHAR"}}' -%}
    {%- set adjustment = '{"amount": "DECIMAL(18,2)", "kind": "VARCHAR", "reason": "VARCHAR"}' -%}
    {%- set times = '"id": "VARCHAR", "created_at": "VARCHAR", "processed_at": "VARCHAR"' -%}
    {%- set structure = '[{' ~ times ~ ', "refund_line_items": [' ~ good ~ '], "order_adjustments": [' ~ adjustment ~ ']}]' -%}
    unnest({{ parsed_json(refunds, structure) }})
{%- endmacro %}

{#- Of such a refund: how many parts it has, its merchandise and the tax of that, and its discrepancy. -#}
{% macro airbyte_refund_sum(part) -%} {{ adapter.dispatch('airbyte_refund_sum')(part) }} {%- endmacro %}
{% macro duckdb__airbyte_refund_sum(part) -%}
    {%- set goods = "list_filter(refund.refund_line_items, lambda one: coalesce(lower(one.line_item.gift_card), '') <> 'true')" -%}
    {%- if part == 'parts' -%} coalesce(len(refund.refund_line_items), 0) + coalesce(len(refund.order_adjustments), 0)
    {%- elif part == 'discrepancy' -%}
        {%- set kind = shopify_is_discrepancy('coalesce(one.kind, one.reason)') -%}
        coalesce(
            list_sum(
                list_transform(list_filter(refund.order_adjustments, lambda one:{{ kind }}), lambda one:one.amount)
            ),
            0
        )
    {%- else -%} coalesce(list_sum(list_transform({{ goods }}, lambda one:one.{{ part }})), 0)
    {%- endif -%}
{%- endmacro %}

{#- `refund_discrepancy` in the spelling of each API: Refund discrepancy, REFUND_DISCREPANCY. -#}
{% macro shopify_is_discrepancy(reason) -%}
    replace(lower(trim({{ reason }})), ' ', '_') in ('refund_discrepancy', 'pending_refund_discrepancy')
{%- endmacro %}
