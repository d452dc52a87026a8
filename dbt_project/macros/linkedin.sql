{#- The id of an activity, share or ugcPost in a link; null where there is none. -#}
{% macro linkedin_id(link) -%} {{ adapter.dispatch('linkedin_id')(link) }} {%- endmacro %}

{#- When LinkedIn made an id (UTC): its upper bits are milliseconds since 1970. -#}
{% macro linkedin_time(id) -%} {{ adapter.dispatch('linkedin_time')(id) }} {%- endmacro %}
