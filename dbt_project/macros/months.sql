{#-
    Whether a month is final: `lookback_days` + 1 days have passed since its last day, so that no touch, order or
    identification is still to come. `settings` and `today` are joined. publishing/restated_months.py counts the same.
-#}
{% macro is_final(month) -%}
    {{ month }} + interval '1' month + settings.lookback_days * interval '1' day <= today.as_of
{%- endmacro %}
