-- Compared as staging writes the shop's statuses: in lower case, without blanks around them.
select distinct lower(trim(status)) as status from {{ source('plan', 'excluded_statuses') }}
