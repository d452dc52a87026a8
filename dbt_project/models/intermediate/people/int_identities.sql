-- A person is a connected component. From each identifier that is smaller than all of its neighbours,
-- larger ones are reached; the smallest of a component reaches all of it, and names it.
{%- set usable -%} select * from {{ ref('int_identifiers') }} where not is_shared {%- endset %}
{%- set tied -%}
    select distinct pairs.node, pairs.other_node
    from {{ ref('int_identifiers_tied') }} as pairs
    inner join usable on usable.node = pairs.node
    inner join usable as others on others.node = pairs.other_node
{%- endset %}
{%- set start -%}
    select node as start_node, node
    from tied
    group by node
    having node < min(other_node)
{%- endset %}
{%- set step -%}
    select reached.start_node, tied.other_node as node
    from reached
    inner join tied on tied.node = reached.node and tied.other_node > reached.start_node
{%- endset %}
with recursive
    {{ closure('reached', ['start_node', 'node'], {'usable': usable, 'tied': tied}, start, step) }},

    components as (select node, min(start_node) as component from reached group by node),

    -- The same id in a second shop is another account.
    pseudonyms as (
        select
            usable.*,
            coalesce(components.component, usable.node) as component,
            case
                when
                    row_number() over (
                        partition by usable.identifier order by usable.first_seen_at nulls last, usable.shop
                    )
                    = 1
                then {{ own_pseudonym('usable.identifier', "''") }}
                else {{ own_pseudonym('usable.identifier', 'usable.shop') }}
            end as pseudonym
        from usable
        left join components on components.node = usable.node
    ),

    people as (
        select
            identifier,
            shop,
            first_value(pseudonym) over (
                partition by component
                order by first_seen_at nulls last, identifier, shop
                rows between unbounded preceding and unbounded following
            ) as person_id
        from pseudonyms
    )

select identifiers.identifier, identifiers.shop, people.person_id
from {{ ref('int_identifiers') }} as identifiers
left join people on people.identifier = identifiers.identifier and people.shop = identifiers.shop

union all

-- Where an export names no shop, an account is that of the one shop that has it.
select
    identifiers.identifier,
    '' as shop,
    case
        when count(people.person_id) = count(*) and min(people.person_id) = max(people.person_id)
        then min(people.person_id)
    end as person_id
from {{ ref('int_identifiers') }} as identifiers
left join people on people.identifier = identifiers.identifier and people.shop = identifiers.shop
where identifiers.shop <> ''
group by identifiers.identifier
