with
    discounts as (
        select
            {{ as_text('shop') }} as shop,
            {{ as_text('discount_id') }} as discount_id,
            {{ as_timestamp('valid_from') }} as valid_from,
            {{ as_timestamp_end('valid_to') }} as valid_to
        from ({{ newest_rows('fivetran_shopify_discounts', ['shop', 'discount_id']) | indent(8) }}) as newest
        where {{ is_not_deleted() }}
    ),

    fivetran_codes as (
        select *
        from ({{ newest_rows('fivetran_shopify_codes', ['shop', 'code_id', 'discount_id']) | indent(8) }}) as newest
        where {{ is_not_deleted() }}
    )

select
    upper({{ as_text('codes.code') }}) as code,
    {{ as_text('codes.partner_id') }} as partner_id,
    {{ as_text('codes.campaign_id') }} as campaign_id,
    discounts.valid_from,
    discounts.valid_to,
    coalesce({{ as_text('codes.match') }}, 'exact') = 'prefix' as is_prefix,
    {{ provenance('codes') }}
from fivetran_codes as codes
left join
    discounts
    on discounts.shop = {{ as_text('codes.shop') }}
    and discounts.discount_id = {{ as_text('codes.discount_id') }}
{%- for table in ['shopify_discounts', 'airbyte_shopify_codes'] %}

    union all

    select
        upper({{ as_text('code') }}) as code,
        {{ as_text('partner_id') }} as partner_id,
        {{ as_text('campaign_id') }} as campaign_id,
        {{ as_timestamp('valid_from') }} as valid_from,
        {{ as_timestamp_end('valid_to') }} as valid_to,
        coalesce({{ as_text('match') }}, 'exact') = 'prefix' as is_prefix,
        {{ provenance() }}
    from {{ source('raw', table) }}
{%- endfor %}
