pivot results.evidence on evidence using sum(net_revenue) group by month
