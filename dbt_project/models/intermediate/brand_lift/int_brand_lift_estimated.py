from brand_lift import estimate_brand_lift


def model(dbt, session):
    counts = dbt.ref("int_brand_lift_counted")
    return estimate_brand_lift(counts.filter("respondents_in_two_cells = 0").df())
