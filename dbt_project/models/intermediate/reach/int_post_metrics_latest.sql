{{ latest_rows('post_metrics', key=['post_id', 'observed_at'], feeds=[
    ref('stg_extracts__post_metrics'),
    ref('stg_instagram__post_metrics'),
    ref('stg_linkedin__post_metrics'),
    ref('stg_tiktok__post_metrics'),
    ref('stg_x__post_metrics'),
    ref('stg_youtube__post_metrics'),
]) }}
