select
    counted.study_id,
    counted.question,
    cast(counted.window_days as bigint) as window_days,
    counted.yes_n,
    counted.yes_buyers,
    counted.no_n,
    counted.no_buyers,
    compared.buyer_ratio_difference,
    compared.ci_low,
    compared.ci_high,
    compared.p_value,
    cast(counted.yes_revenue as {{ type_double() }}) / nullif(counted.yes_n, 0)
    - cast(counted.no_revenue as {{ type_double() }}) / nullif(counted.no_n, 0) as revenue_per_respondent_difference,
    compared.verdict
from {{ ref('int_brand_to_sales_counted') }} as counted
inner join
    {{ ref('int_brand_to_sales_compared') }} as compared
    on compared.study_id = counted.study_id
    and compared.question = counted.question
