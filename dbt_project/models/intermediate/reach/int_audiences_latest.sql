{{ latest_rows('audiences', ['partner_id', 'platform', 'observed_at']) }}
