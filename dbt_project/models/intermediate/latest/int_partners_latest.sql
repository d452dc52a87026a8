{{ latest_rows('partners', key=['partner_id'], delivered=ref('int_partners_delivered')) }}
