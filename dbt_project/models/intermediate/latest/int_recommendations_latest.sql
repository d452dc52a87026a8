{{ latest_rows_of_people('recommendations', key=['response_id'], feeds=[
    ref('stg_extracts__recommendations'),
    ref('stg_surveymonkey__recommendations'),
    ref('stg_trustpilot__recommendations'),
    ref('stg_typeform__recommendations'),
]) }}
