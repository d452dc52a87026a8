{{ config(materialized='incremental', incremental_strategy='replace_changed', on_schema_change='fail') }}

with touches as (
    select touches.*, inputs.inputs
    from {{ ref('int_touches_weighted') }} as touches
    inner join {{ ref('int_credit_inputs') }} as inputs
        on inputs.shop = touches.shop
        and inputs.order_id = touches.order_id
    {%- if is_incremental() %}
    where (inputs.shop, inputs.order_id, inputs.inputs) not in ({{ credited_orders(this) }})
    {%- endif %}
),

{{ share_among_touches(attribution_rules(), columns_of_credits() + ['inputs']) }}
