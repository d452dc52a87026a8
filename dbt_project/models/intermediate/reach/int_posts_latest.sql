{{ latest_rows('posts', ['post_id']) }}
