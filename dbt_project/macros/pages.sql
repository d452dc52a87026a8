{#
    The page of a visit or of a link as one compares it: host and path without scheme, user, `www.` and the slash at the
    end, the host in lower case, then the parameters. `HTTPS://www.Shop.example/Mira/?a=1#top` is
    `shop.example/Mira?a=1`; `/Mira` is that page of any host, `?a=1` any page with that parameter. What is behind `#`
    is dropped, and so is each parameter, or part of a path, with an address in it (`@`, also encoded).
#}
{% macro as_page(column) -%}
    {%- set address = replace_pattern(
        'split_part(' ~ as_text(column) ~ ", '#', 1)", '^(([A-Za-z][A-Za-z0-9+.-]*:)?//)?([^/?]*@)?', []
    ) -%}
    {%- set page = 'split_part(' ~ address ~ ", '?', 1)" -%}
    {%- set host = 'split_part(' ~ page ~ ", '/', 1)" -%}
    {%- set path = 'substr(' ~ page ~ ', length(' ~ host ~ ') + 1)' -%}
    {%- set parameters = 'substr(' ~ address ~ ', length(' ~ page ~ ') + 2)' -%}
    nullif(
        {{ replace_pattern('lower(' ~ host ~ ')', '^www[.]', []) }} || case
            when {{ host }} = '' and {{ path }} <> '' and {{ path }} = repeat('/', length({{ path }}))
            then '/'
            else trim(trailing '/' from {{ replace_every(path, '/[^/@]+(@|%(25)*40)[^/]*', ['/…']) }})
        end
        || {{ replace_pattern(
            "trim(leading '&' from " ~ replace_every(parameters, '(^|&)[^&]*(@|%(25)*40)[^&]*', []) ~ ")",
            '^(.+)$',
            ['?', '1'],
        ) }},
        ''
    )
{%- endmacro %}

{#- Parts of what as_page() wrote; empty where it names none. The page at the root of a host is `/`. -#}
{% macro page_host(page) -%} split_part(split_part({{ page }}, '?', 1), '/', 1) {%- endmacro %}

{% macro page_path(page) -%}
    case
        when split_part({{ page }}, '?', 1) = ''
        then ''
        else '/' || substr(split_part({{ page }}, '?', 1), length({{ page_host(page) }}) + 2)
    end
{%- endmacro %}

{% macro page_parameters(page) -%} substr({{ page }}, length(split_part({{ page }}, '?', 1)) + 2) {%- endmacro %}

{#- The value of one parameter, decoded; null where the page has none. -#}
{% macro page_parameter(page, name) -%}
    nullif(
        {{ decoded("replace(" ~ found_in(page_parameters(page), '(^|&)' ~ name ~ '=([^&]*)', 2) ~ ", '+', ' ')") }}, ''
    )
{%- endmacro %}

{% macro utm_tags() -%}
    {{ return(['utm_source', 'utm_medium', 'utm_campaign', 'utm_content', 'utm_term']) }}
{%- endmacro %}

{#-
    `columns` of a table that has tags and a page; its tags in lower case, '' where it has none; host, path and
    parameters of its page in lower case, '' where it names none. Tags that the page carries fill the columns that are
    empty, unless they contradict one that is not.
-#}
{% macro tagged_rows(model, columns) -%}
    select
        {{ columns | join(', ') }},
        {%- for tag in utm_tags() %}
            coalesce({{ tag }}, case when is_page_agreeing then page_{{ tag }} end, '') as {{ tag }},
        {%- endfor %}
        {{ page_host('page') }} as host,
        {{ page_path('page') }} as path,
        {{ page_parameters('page') }} as parameters
    from
        (
            select
                tags.*,
                {%- for tag in utm_tags() %}
                    coalesce({{ tag }} = page_{{ tag }}, true){{ ' and' if not loop.last }}
                {%- endfor %} as is_page_agreeing
            from
                (
                    select
                        {{ columns | join(', ') }},
                        {%- for tag in utm_tags() %}
                            lower({{ tag }}) as {{ tag }}, lower({{ page_parameter('url', tag) }}) as page_{{ tag }},
                        {%- endfor %}
                        coalesce(lower(url), '') as page
                    from {{ model }}
                ) as tags
        ) as compared
{%- endmacro %}
