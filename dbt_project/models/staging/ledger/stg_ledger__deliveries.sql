select
    delivery_id,
    extract,
    entry_id,
    file,
    delivery_kind,
    delivery_order,
    rows_read,
    rows_kept,
    rows_quarantined,
    delivery_kind = 'append'
        or delivery_order = max(delivery_order) over (partition by entry_id) as is_current
from {{ source('ledger', 'deliveries') }}
