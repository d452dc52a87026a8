{%- set text = dbt.type_string() -%}
{%- set reasons = [
    (
        'referred_customers > 0',
        "'referred ' || " ~ counted('referred_customers', 'customer', 'customers')
            ~ " || ', who bought for ' || cast(referred_revenue as " ~ text ~ ")",
    ),
    (
        'registered > 0 and referred_customers = 0',
        "'brought ' || " ~ counted('registered', 'person', 'people') ~ " || ', nobody has bought yet'",
    ),
    (
        'referrals_made > 0 and registered = 0 and referred_customers = 0',
        "'invited ' || " ~ counted('referrals_made', 'person', 'people') ~ " || ', nobody has come yet'",
    ),
    (
        'latest_recommendation >= ' ~ var('promoter_from'),
        "'said ' || cast(latest_recommendation as " ~ text ~ ") || ' of 10 on ' || cast(latest_recommended_on as " ~ text ~ ")",
    ),
    (
        'orders >= ' ~ var('repeat_buyer_from_orders'),
        "'bought ' || " ~ counted('orders', 'time', 'times') ~ " || ', last on ' || cast(last_ordered_on as " ~ text ~ ")",
    ),
    ('is_employee', "'is an employee'"),
    (
        'not is_employee and was_employee_until is not null',
        "'was an employee until ' || cast(was_employee_until as " ~ text ~ ")",
    ),
    (
        'not is_connected and codes is not null',
        "case when position(' and ' in codes) > 0 then 'owns the codes ' else 'owns the code ' end
            || codes || ' and has no online following'",
    ),
    ('not is_connected and codes is null', "'has no online following'"),
] -%}

{% for condition, words in reasons -%}
    {% if not loop.first %}
        union all

    {% endif -%}
    select person_id, {{ loop.index }} as nth, {{ words }} as reason
    from {{ ref('int_people') }}
    where {{ condition }}
{% endfor %}
