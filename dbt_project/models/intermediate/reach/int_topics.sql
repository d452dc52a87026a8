{%- set owners = [('partner', 'int_partners_latest'), ('campaign', 'int_campaigns_latest')] -%}

with
    parts as (
        {%- for owner, model in owners %}
            {% if not loop.first %}
                union all
            {% endif %}
            select '{{ owner }}' as owner, {{ owner }}_id as owner_id, {{ split_to_rows('topics', ';') }} as part
            from {{ ref(model) }}
            where topics is not null
        {%- endfor %}
    ),

    words as (select owner, owner_id, lower(trim(part)) as word from parts)

select distinct words.owner, words.owner_id, coalesce(synonyms.topic, words.word) as topic
from words
left join {{ ref('stg_plan__synonyms') }} as synonyms on synonyms.synonym = words.word
where words.word <> ''
