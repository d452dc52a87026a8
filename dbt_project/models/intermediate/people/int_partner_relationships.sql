-- When each list was delivered. A snapshot with the content of
-- an earlier one is not loaded again, but it is valid again.
with
    delivered as (
        select delivery_id, entry_id, delivery_kind, delivery_order, delivery_order as seen_order
        from {{ ref('stg_ledger__deliveries') }}

        union

        select delivery_id, entry_id, delivery_kind, delivery_order, last_seen_order as seen_order
        from {{ ref('stg_ledger__deliveries') }}
        where delivery_kind = 'snapshot'
    ),

    -- Of an entry's snapshots of one day only the last counts.
    listed as (
        select
            delivered.*,
            dense_rank() over (order by delivered.delivery_order) as nth_delivery,
            {{ delivered_on('settings.timezone', 'delivered.seen_order') }} as listed_on
        from delivered
        cross join {{ ref('stg_plan__settings') }} as settings
        qualify
            delivered.delivery_kind = 'append'
            or row_number() over (
                partition by delivered.entry_id, {{ delivered_on('settings.timezone', 'delivered.seen_order') }}
                order by delivered.seen_order desc
            )
            = 1
    ),

    lists as (
        select
            *,
            case
                when delivery_kind = 'snapshot' then lead(listed_on) over (partition by entry_id order by listed_on)
            end as replaced_on
        from listed
    ),

    -- What one entry states of a partner, under the partner's id and under an alias each: a source.
    statements as (
        select
            partners.partner_id,
            partners._is_alias as is_alias,
            partners.relationship,
            lists.entry_id,
            lists.nth_delivery,
            lists.listed_on,
            lists.replaced_on
        from {{ ref('int_partners_delivered') }} as partners
        inner join lists on lists.delivery_id = partners._delivery
        qualify
            row_number() over (
                partition by partners.partner_id, partners._is_alias, lists.entry_id, lists.listed_on
                order by lists.seen_order desc, partners._row desc
            )
            = 1
    ),

    -- A source changes when it lists the partner, and when it no longer does.
    changes as (
        select
            partner_id,
            entry_id,
            is_alias,
            listed_on as day,
            nth_delivery,
            true as is_listed,
            coalesce(relationship, 'unknown') as relationship
        from statements

        union all

        select
            partner_id,
            entry_id,
            is_alias,
            replaced_on as day,
            nth_delivery,
            false as is_listed,
            'unknown' as relationship
        from statements
        qualify
            coalesce(
                lead(listed_on) over (partition by partner_id, entry_id, is_alias order by listed_on) > replaced_on,
                replaced_on is not null
            )
    ),

    -- What every source of a partner states on every day on
    -- which one of them changes; null before its first change.
    stated as (
        select
            days.partner_id,
            days.day,
            sources.is_alias,
            {{ neighbour('last_value', 'changes.nth_delivery') }} over until_then as nth_delivery,
            {{ neighbour('last_value', 'changes.is_listed') }} over until_then as is_listed,
            {{ neighbour('last_value', 'changes.relationship') }} over until_then as relationship
        from (select distinct partner_id, day from changes) as days
        inner join
            (select distinct partner_id, entry_id, is_alias from changes) as sources
            on sources.partner_id = days.partner_id
        left join
            changes
            on changes.partner_id = days.partner_id
            and changes.day = days.day
            and changes.entry_id = sources.entry_id
            and changes.is_alias = sources.is_alias
        window until_then as (partition by days.partner_id, sources.entry_id, sources.is_alias order by days.day)
    ),

    -- As in the roster of that day (macros/deliveries.sql): the
    -- partner's id wins over an alias, then the later delivery.
    winners as (
        select *
        from stated
        where is_listed is not null
        qualify
            row_number() over (partition by partner_id, day order by is_listed desc, is_alias, nth_delivery desc) = 1
    ),

    changed as (
        select *
        from winners
        qualify coalesce(relationship <> lag(relationship) over (partition by partner_id order by day), true)
    ),

    -- The first that is known is valid from the beginning: before,
    -- no list had the partner, who was something to us already.
    known as (
        select *
        from changed
        qualify
            relationship <> 'unknown'
            or row_number() over (partition by partner_id order by day) > 1
            or count(*) over (partition by partner_id) = 1
    )

select
    partner_id,
    relationship,
    case when row_number() over (partition by partner_id order by day) > 1 then day end as valid_from,
    cast({{ dbt.dateadd('day', -1, 'lead(day) over (partition by partner_id order by day)') }} as date) as valid_to
from known
