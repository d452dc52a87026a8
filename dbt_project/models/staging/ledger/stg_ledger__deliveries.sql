select
    delivery_id,
    extract,
    entry_id,
    entry,
    file,
    delivery_kind,
    delivery_order,
    last_seen_order,
    rows_read,
    rows_kept,
    rows_quarantined,
    rows_dropped,
    delivery_kind = 'append' or last_seen_order = max(last_seen_order) over (partition by entry_id) as is_current
from {{ source('ledger', 'deliveries') }}
