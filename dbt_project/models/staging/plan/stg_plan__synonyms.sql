select lower(trim(synonym)) as synonym, lower(trim(topic)) as topic from {{ source('plan', 'synonyms') }}
