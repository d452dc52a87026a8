{#- A touch counts before (or with) its order and at most `lookback_days` times 24 hours earlier. -#}
{% macro within_lookback(touched_at) -%}
    {{ touched_at }} <= orders.ordered_at
    and {{ touched_at }} >= orders.ordered_at - settings.lookback_days * interval '1' day
{%- endmacro %}

{#- Up to when what is learned about a browser counts for an order: the marts of a month must become final. -#}
{% macro last_identified_at(ordered_at) -%} {{ ordered_at }} + interval '1' day {%- endmacro %}
