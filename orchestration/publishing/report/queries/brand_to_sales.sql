select * from results.brand_to_sales order by study_id, question
