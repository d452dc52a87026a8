select evidence, rank as evidence_rank from {{ source('plan', 'evidence_order') }}
