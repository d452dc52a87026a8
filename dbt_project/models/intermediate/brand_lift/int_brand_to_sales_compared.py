from association import compare_buyers


def model(dbt, session):
    return compare_buyers(dbt.ref("int_brand_to_sales_counted").df())
