{{ config(materialized='table') }}
{%- set last_click = 'session_traffic_source_last_click' -%}
{%- set parts = ['source', 'medium', 'campaign', 'content', 'term'] -%}
{#- Where a tag can be, the most certain first. -#}
{%- set records = {
    'collected': {
        'source': [
            ga4_field('collected_traffic_source', 'manual_source'), ga4_param('params', 'source'),
            'session_source', "split_part(session_source_medium, ' / ', 1)",
        ],
        'medium': [
            ga4_field('collected_traffic_source', 'manual_medium'), ga4_param('params', 'medium'),
            'session_medium', "split_part(session_source_medium, ' / ', 2)",
        ],
        'campaign': [
            ga4_field('collected_traffic_source', 'manual_campaign_name'), ga4_param('params', 'campaign'),
            'session_campaign',
        ],
        'content': [
            ga4_field('collected_traffic_source', 'manual_content'), ga4_param('params', 'content'),
            'session_content',
        ],
        'term': [
            ga4_field('collected_traffic_source', 'manual_term'), ga4_param('params', 'term'), 'session_term',
        ],
    },
    'manual': {
        'source': [ga4_field(last_click, 'manual_campaign.source')],
        'medium': [ga4_field(last_click, 'manual_campaign.medium')],
        'campaign': [ga4_field(last_click, 'manual_campaign.campaign_name')],
        'content': [ga4_field(last_click, 'manual_campaign.content')],
        'term': [ga4_field(last_click, 'manual_campaign.term')],
    },
    'google_ads': {'campaign': [ga4_field(last_click, 'google_ads_campaign.campaign_name')]},
    'cross_channel': {
        'source': [ga4_field(last_click, 'cross_channel_campaign.source')],
        'medium': [ga4_field(last_click, 'cross_channel_campaign.medium')],
        'campaign': [ga4_field(last_click, 'cross_channel_campaign.campaign_name')],
    },
} -%}
{%- set constants = {'google_ads': {'source': 'google', 'medium': 'cpc'}} -%}
with
    parsed as (select *, {{ ga4_params('event_params') }} as params from {{ source('raw', 'ga4_sessions') }}),

    -- Each place is read once, and cleaned below.
    found as (
        select
            *,
            {{ ga4_param('params', 'ga_session_id') }} as session_number,
            {{ ga4_field('ecommerce', 'transaction_id') }} as ecommerce_order_id,
            {{ ga4_param('params', 'transaction_id') }} as param_order_id,
            {{ ga4_param('params', 'page_location') }} as page
            {%- for record, tag in records.items() %}
                {%- for part, places in tag.items() %}
                    {%- for place in places %}, {{ place }} as {{ record }}_{{ part }}_{{ loop.index }} {%- endfor %}
                {%- endfor %}
            {%- endfor %}
        from parsed
    ),

    read_rows as (
        select
            -- Only events have a time of 16 digits, and their session is browser and number together.
            case
                when length(trim(session_time)) = 16
                then {{ as_text('session_key') }} || '.' || session_number
                when session_key = transaction_id
                then 'transaction ' || {{ as_text('session_key') }}
                else {{ as_text('session_key') }}
            end as click_id,
            {{ ga4_time('session_time') }} as happened_at,
            case when length(trim(session_time)) = 16 then {{ pseudonym('session_key') }} end as visitor_id,
            {{ identifier('user_id') }} as customer_id,
            coalesce(
                case
                    when event_name = 'purchase'
                    then coalesce({{ ga4_text('ecommerce_order_id') }}, {{ ga4_text('param_order_id') }})
                end,
                {{ ga4_text('transaction_id') }}
            ) as order_id,
            {{ as_page('page') }} as url,
            {%- for record, tag in records.items() %}
                {%- for part, places in tag.items() %}
                    coalesce(
                        {%- for place in places %}
                            {{ ga4_text(record ~ '_' ~ part ~ '_' ~ loop.index) }}{{ ', ' if not loop.last }}
                        {%- endfor %}
                    ) as {{ record }}_{{ part }},
                {%- endfor %}
                {%- set campaigns = [] %}
                {%- for place in tag.campaign %}
                    {%- do campaigns.append(record ~ '_campaign_' ~ loop.index) %}
                {%- endfor %}
                {{ ga4_is_automatic('coalesce(' ~ campaigns | join(', ') ~ ')') }} as {{ record }}_is_automatic,
            {%- endfor %}
            {{ provenance() }}
        from found
    ),

    -- The best tag of each row, whole: parts of two tags do not belong together.
    tagged as (
        select
            *,
            -- Its rank, a blank, and the record that it is in.
            case
                {%- for is_automatic in ['not ', ''] %}
                    {%- for record, tag in records.items() %}
                        {%- set rank = (1 if is_automatic else 3) + (0 if loop.first else 1) %}
                        when
                            {{ is_automatic }} {{ record }}_is_automatic
                            and coalesce(
                                {%- for part in tag %}{{ record }}_{{ part }}{{ ', ' if not loop.last }} {%- endfor %}
                            )
                            is not null
                        then '{{ rank }} {{ record }}'
                    {%- endfor %}
                {%- endfor %}
            end as best_tag
        from read_rows
    )

select
    click_id,
    happened_at,
    visitor_id,
    customer_id,
    order_id,
    url,
    cast(split_part(best_tag, ' ', 1) as integer) as tag_rank,
    {%- for part in parts %}
        case
            split_part(best_tag, ' ', 2)
            {%- for record, tag in records.items() %}
                {%- if part in tag %} when '{{ record }}' then {{ record }}_{{ part }}
                {%- elif part in constants.get(record, {}) %} when '{{ record }}' then '{{ constants[record][part] }}'
                {%- endif %}
            {%- endfor %}
        end as utm_{{ part }},
    {%- endfor %}
    {{ provenance() }}
from tagged
