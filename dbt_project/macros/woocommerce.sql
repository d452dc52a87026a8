{#- The codes of `code:x|amount:y;code:z|amount:w`, separated by `;`; null where it holds none. -#}
{% macro woocommerce_codes(items) -%} {{ adapter.dispatch('woocommerce_codes')(items) }} {%- endmacro %}

{#-
    One row per refund of `amount:20|reason:damaged; one bag|date:2026-03-20 10:02:00`, several joined by `;`, as it is
    written there. A reason may hold both signs, so a refund ends with its date.
-#}
{% macro woocommerce_refunds(items) -%} {{ adapter.dispatch('woocommerce_refunds')(items) }} {%- endmacro %}

{#- What is left of such a text without the refunds that can be read. -#}
{% macro woocommerce_unread_refunds(items) -%}
    {{ adapter.dispatch('woocommerce_unread_refunds')(items) }}
{%- endmacro %}

{% macro woocommerce_refund_pattern() -%}
    {{ '(?s)(?:^|;)[ ]*(amount:[ ]*-?[0-9.,]+[|]reason:.*?[|]date:[ ]*[0-9]{4}-[0-9]{2}-[0-9]{2}[0-9:T ]*)' }}
{%- endmacro %}

{#- Amount and time of such a refund, as texts. -#}
{% macro woocommerce_refund_amount(item) -%}
    {{ replace_pattern(item, '(?s)^amount:([^|]*)[|].*$', ['1']) }}
{%- endmacro %}
{% macro woocommerce_refund_date(item) -%} {{ replace_pattern(item, '(?s)^.*[|]date:', []) }} {%- endmacro %}

{#- What is paid, what is not, and null where a shop's own status says neither. -#}
{% macro woocommerce_is_paid(status) -%}
    case
        when {{ status }} in ('processing', 'completed', 'refunded')
        then true
        when
            {{ status }} in ('pending', 'pending-payment', 'on-hold', 'failed', 'checkout-draft', 'auto-draft', 'draft')
        then false
    end
{%- endmacro %}
