{{ latest_rows('posts', key=['post_id', '_entry'], feeds=[
    ref('stg_extracts__posts'),
    ref('stg_instagram__posts'),
    ref('stg_linkedin__posts'),
    ref('stg_tiktok__posts'),
    ref('stg_x__posts'),
    ref('stg_youtube__posts'),
]) }}
