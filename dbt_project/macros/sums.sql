{#- An amount in the reporting currency, rounded to the cent; `rates` is the alias of the joined exchange rates. -#}
{% macro in_reporting_currency(amount, rates='rates') -%}
    cast(round({{ amount }} * {{ rates }}.rate, 2) as decimal(18, 2))
{%- endmacro %}

{#-
    Shares of orders added up. Floating point would give another last digit each time, as the engine adds in whatever
    order it likes; fixed point does not. results.daily keeps 12 places, so that any sum of its rows is right to the 6
    places that sums are rounded to: three thirds are one again. (Rounded as doubles, four times as fast; so at a tie the last
    place may differ between engines, though not between runs.)
-#}
{% macro sum_of_shares(share, places=6) -%}
    round(cast(sum(cast({{ share }} as decimal(38, 15))) as {{ type_double() }}), {{ places }})
{%- endmacro %}
