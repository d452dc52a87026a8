-- When each list spoke. A snapshot with the content of an earlier one is not loaded again, but it speaks again.
with spoken as (
    select delivery_id, entry_id, delivery_kind, delivery_order, delivery_order as spoken_order
    from {{ ref('stg_ledger__deliveries') }}

    union

    select delivery_id, entry_id, delivery_kind, delivery_order, last_seen_order as spoken_order
    from {{ ref('stg_ledger__deliveries') }}
    where delivery_kind = 'snapshot'
),

spoken_on_days as (
    select
        spoken.delivery_id,
        spoken.entry_id,
        spoken.delivery_kind,
        spoken.delivery_order,
        spoken.spoken_order,
        {{ delivered_on('settings.timezone', 'spoken.spoken_order') }} as spoken_on
    from spoken
    cross join {{ ref('stg_plan__settings') }} as settings
    where spoken.entry_id in (select _entry from {{ ref('int_partners_delivered') }})
),

-- Of an entry's snapshots of one day the last holds, and it holds until the next.
lists as (
    select
        *,
        dense_rank() over (order by delivery_order) as nth_delivery,
        case
            when delivery_kind = 'snapshot' then lead(spoken_on) over (partition by entry_id order by spoken_on)
        end as replaced_on
    from (
        select *
        from spoken_on_days
        qualify delivery_kind = 'append'
            or row_number() over (partition by entry_id, spoken_on order by spoken_order desc) = 1
    ) as last_of_the_day
),

statements as (
    select
        partners.partner_id,
        partners._is_alias as is_alias,
        lists.entry_id,
        lists.spoken_on,
        lists.nth_delivery,
        lists.replaced_on,
        partners.relationship
    from {{ ref('int_partners_delivered') }} as partners
    inner join lists
        on lists.delivery_id = partners._delivery
    qualify row_number() over (
        partition by partners.partner_id, partners._is_alias, lists.entry_id, lists.spoken_on
        order by lists.spoken_order desc, partners._row desc
    ) = 1
),

-- Each entry, and in it each alias, is a voice. A partner's only voice need not be heard when it says the same again.
compared as (
    select
        *,
        coalesce(lead(spoken_on) over voice > replaced_on, replaced_on is not null) as is_last_before_a_gap,
        coalesce(
            coalesce(lag(replaced_on) over voice, spoken_on) = spoken_on
                and lag(coalesce(relationship, '')) over voice = coalesce(relationship, ''),
            false
        ) as is_repeated,
        min(entry_id) over partner = max(entry_id) over partner
            and bool_and(is_alias) over partner = bool_or(is_alias) over partner as is_only_voice
    from statements
    window
        voice as (partition by partner_id, entry_id, is_alias order by spoken_on),
        partner as (partition by partner_id)
),

-- A turn is what a voice says from a day on, or that it has the partner no more.
turns as (
    select
        partner_id,
        entry_id,
        is_alias,
        spoken_on as turned_on,
        nth_delivery,
        relationship,
        false as is_gone
    from compared
    where not (is_repeated and is_only_voice)

    union all

    select
        partner_id,
        entry_id,
        is_alias,
        replaced_on as turned_on,
        nth_delivery,
        cast(null as {{ dbt.type_string() }}) as relationship,
        true as is_gone
    from compared
    where is_last_before_a_gap
),

-- What was each voice's last turn, on every day on which one of them had a turn?
last_turns as (
    select
        days.partner_id,
        days.turned_on as day,
        voices.entry_id,
        voices.is_alias,
        max(turns.turned_on) over (
            partition by days.partner_id, voices.entry_id, voices.is_alias
            order by days.turned_on
        ) as turned_on
    from (select distinct partner_id, turned_on from turns) as days
    inner join (select distinct partner_id, entry_id, is_alias from turns) as voices
        on voices.partner_id = days.partner_id
    left join turns
        on turns.partner_id = days.partner_id
        and turns.turned_on = days.turned_on
        and turns.entry_id = voices.entry_id
        and turns.is_alias = voices.is_alias
),

-- As in the roster of that day (macros/deliveries.sql): the id that counts before its alias, then the later delivery.
held as (
    select
        last_turns.partner_id,
        last_turns.day,
        coalesce(turns.relationship, 'unknown') as relationship
    from last_turns
    inner join turns
        on turns.partner_id = last_turns.partner_id
        and turns.turned_on = last_turns.turned_on
        and turns.entry_id = last_turns.entry_id
        and turns.is_alias = last_turns.is_alias
    qualify row_number() over (
        partition by last_turns.partner_id, last_turns.day
        order by turns.is_gone, turns.is_alias, turns.nth_delivery desc
    ) = 1
),

changed as (
    select *
    from held
    qualify coalesce(relationship <> lag(relationship) over (partition by partner_id order by day), true)
),

-- The first that is known holds from the beginning: nobody listed the partner before, but they were somebody already.
known as (
    select *
    from changed
    qualify relationship <> 'unknown'
        or row_number() over (partition by partner_id order by day) > 1
        or count(*) over (partition by partner_id) = 1
)

select
    partner_id,
    relationship,
    case when row_number() over (partition by partner_id order by day) > 1 then day end as known_from,
    cast({{ dbt.dateadd('day', -1, 'lead(day) over (partition by partner_id order by day)') }} as date) as known_to
from known
