"""Short valid files to start from, shown where one is missing."""

PLAN = """\
programme: Northwind Coffee
currency: EUR
timezone: Europe/Brussels
objectives:
  - id: grow-sales
    statement: People who trust our partners buy their first bag from us.
    goals:
      - {id: spring-revenue, kpi: net_revenue, target: 250000, starts_on: 2026-03-01, ends_on: 2026-06-30}
"""

EXTRACTS = """\
extracts:
  - files: landing/shop/orders_*.csv
    feeds: orders
    columns: {order_id: Order, customer_id: Customer, ordered_at: Date, net: Net}
"""
