select trim(alias) as alias, trim(partner_id) as partner_id from {{ source('plan', 'aliases') }}
