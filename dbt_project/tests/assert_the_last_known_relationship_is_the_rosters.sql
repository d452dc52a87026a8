{{ config(meta={'dagster': {'ref': {'name': 'int_partner_relationships'}}}) }}
-- The history ends with the current list, and has one relationship at a time.
select
    coalesce(partners.partner_id, history.partner_id) as partner_id,
    partners.relationship as in_the_roster,
    history.relationship as in_the_history
from {{ ref('int_partners_latest') }} as partners
full outer join
    (select * from {{ ref('int_partner_relationships') }} where valid_to is null) as history
    on history.partner_id = partners.partner_id
where coalesce(partners.relationship, 'unknown') <> coalesce(history.relationship, '')
