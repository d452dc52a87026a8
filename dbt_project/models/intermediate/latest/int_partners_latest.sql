{{ latest_rows('partners', ['partner_id']) }}
