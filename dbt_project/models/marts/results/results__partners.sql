{{ results_by_month(['partner_id', 'relationship']) }}
