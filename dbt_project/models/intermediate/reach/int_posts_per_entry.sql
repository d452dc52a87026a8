{{ latest_rows('posts', ['post_id', '_entry']) }}
