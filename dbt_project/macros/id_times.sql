{#
    Some platforms' ids hold the moment (UTC) at which they were made. That beats a column that has a day only, or no
    zone. None of this is documented by the platforms for exports; each was checked against posts whose time is known.
    To the second; null for what is no such id.
#}
{#-
    TikTok: seconds since 1970 in the upper 32 bits; checked on 3 posts of 3. A scheduled post goes live later. Ids below
    2^62 would be from before 2004 and are of another kind.
-#}
{% macro tiktok_time(id) -%}
    case
        when {{ digits_as_number(id) }} >= 4611686018427387904
        then {{ moment_of_epoch(shift_right(digits_as_number(id), 32)) }}
    end
{%- endmacro %}

{#- The id in a link to a TikTok video or photo post. -#}
{% macro tiktok_id(link) -%}
    {%- set pattern = '^.*/(video|photo)/([0-9]+).*$' -%}
    case when {{ matches(link, pattern) }} then {{ replace_pattern('trim(' ~ link ~ ')', pattern, ['2']) }} end
{%- endmacro %}

{#-
    X: milliseconds since its own epoch above 22 bits; checked on 1 post. Ids from before that epoch (November 2010) were
    counted one by one and are far below 2^40.
-#}
{% macro x_time(id) -%}
    case
        when {{ digits_as_number(id) }} >= 1099511627776
        then {{ moment_of_epoch('(' ~ shift_right(digits_as_number(id), 22) ~ ' + 1288834974657) / 1000') }}
    end
{%- endmacro %}

{#-
    Instagram: the shortcode of a link is the id in base64url; milliseconds since its own epoch above 23 bits. Checked on
    3 posts of 3. The longer codes of private accounts are not read.
-#}
{% macro instagram_time(permalink) -%}
    {%- set pattern = '^.*/(p|reel|reels|tv)/([A-Za-z0-9_-]{9,11})/?([?#].*)?$' -%}
    {%- set number = base64url_as_number(replace_pattern('trim(' ~ permalink ~ ')', pattern, ['2'])) -%}
    case
        when {{ matches('trim(' ~ permalink ~ ')', pattern) }}
        then {{ moment_of_epoch('(' ~ shift_right(number, 23) ~ ' + 1314220021721) / 1000') }}
    end
{%- endmacro %}

{#- Up to 18 digits always fit, 19 where they are below 2^63; more give null. -#}
{% macro digits_as_number(text) -%}
    case when {{ matches('trim(' ~ text ~ ')', '^[0-9]{1,19}$') }} then try_cast(trim({{ text }}) as bigint) end
{%- endmacro %}

{% macro shift_right(number, bits) -%} {{ adapter.dispatch('shift_right')(number, bits) }} {%- endmacro %}

{#- Seconds since 1970, without their fractions, as a moment in UTC. -#}
{% macro moment_of_epoch(seconds) -%} {{ adapter.dispatch('moment_of_epoch')(seconds) }} {%- endmacro %}

{#- The digits of base64url (RFC 4648) as one number; eleven of them have 66 bits. -#}
{% macro base64url_as_number(text) -%} {{ adapter.dispatch('base64url_as_number')(text) }} {%- endmacro %}
