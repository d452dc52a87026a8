{{ latest_rows_of_people('partners', key=['partner_id'], delivered=ref('int_partners_delivered')) }}
