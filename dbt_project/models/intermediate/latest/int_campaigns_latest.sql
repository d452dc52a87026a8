{{ latest_rows('campaigns', ['campaign_id']) }}
