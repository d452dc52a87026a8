{{ latest_rows('commitments', ['commitment_id']) }}
