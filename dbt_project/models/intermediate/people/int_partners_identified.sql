{{ config(materialized='view') }}
-- Not in int_partners_latest, which marts of reach read: who somebody is, orders say.
select {{ columns_with('partners', 'customer_id', person_id('identities', 'partners.customer_id')) }}
from {{ ref('int_partners_latest') }} as partners
left join {{ ref('int_identities') }} as identities on {{ is_identity('identities', 'partners.customer_id') }}
