select * from results.referral_totals where period = 'all time'
