-- A typing error is in the letters of an id: ids with other digits in them are
-- other ids. An id that is similar to several is not known to mean any of them.
with
    -- Also who is in no list any more: they were partners once.
    listed as (
        select partner_id, {{ folded_id('partner_id') }} as folded
        from {{ ref('int_partners_delivered') }}
        where partner_id is not null
        group by partner_id
    ),

    named as (
        select partner_id
        from {{ ref('int_partners_named') }}
        union
        select partner_id
        from {{ ref('int_partners_posting') }}
        union
        select partner_id
        from {{ ref('int_partners_followed') }}
    ),

    unlisted as (
        select named.partner_id, {{ folded_id('named.partner_id') }} as folded
        from named
        left join listed on listed.partner_id = named.partner_id
        where listed.partner_id is null and exists (select 1 from listed)
    ),

    pairs as (
        select
            unlisted.partner_id,
            listed.partner_id as similar_id,
            levenshtein(unlisted.folded, listed.folded) as distance,
            length(unlisted.folded) as letters
        from unlisted
        inner join
            listed
            on {{ digits_of('listed.folded') }} = {{ digits_of('unlisted.folded') }}
            and left(listed.folded, 1) = left(unlisted.folded, 1)
    ),

    closest as (
        select partner_id, min(similar_id) as similar_id
        from
            (
                select *, min(distance) over (partition by partner_id) as least_distance
                from pairs
                -- One letter of four may be wrong, and two at most.
                where distance <= least(2, letters / 4)
            ) as similar_pairs
        where distance = least_distance
        group by partner_id
        having count(*) = 1
    )

select unlisted.partner_id, closest.similar_id
from unlisted
left join closest on closest.partner_id = unlisted.partner_id
