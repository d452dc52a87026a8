{#-
    Who a row's `customer_id` is: the identifiers that staging writes (macros/pseudonym.sql) become people
    (models/intermediate/people/int_identities.sql). Null where the identifier is shared, or is an account of several
    shops and the row names none; whom no order knows is a person of their own.
-#}
{% macro is_identity(identities, identifier, shop='null') -%}
    {{ identities }}.identifier = {{ identifier }} and {{ identities }}.shop = {{ scope_of(identifier, shop) }}
{%- endmacro %}

{% macro person_id(identities, identifier, shop='null') -%}
    case
        when {{ identities }}.identifier is null
        then {{ own_pseudonym(identifier, scope_of(identifier, shop)) }}
        else {{ identities }}.person_id
    end
{%- endmacro %}

{#-
    Who a row means that names an account, an e-mail address and a telephone number (int_orders_latest,
    int_customers_latest): the first of them that is not shared. All of them are one person.
-#}
{% macro joined_identities(rows) -%}
    left join
        {{ ref('int_identities') }} as accounts on {{ is_identity('accounts', rows ~ '.customer_id', rows ~ '.shop') }}
    left join {{ ref('int_identities') }} as emails on {{ is_identity('emails', rows ~ '.customer_email') }}
    left join {{ ref('int_identities') }} as phones on {{ is_identity('phones', rows ~ '.customer_phone') }}
{%- endmacro %}

{% macro identified_person() -%} coalesce(accounts.person_id, emails.person_id, phones.person_id) {%- endmacro %}

{#- Where an identifier means one person: an account in its shop, all others everywhere. -#}
{% macro scope_of(identifier, shop) -%}
    case when left({{ identifier }}, 8) = 'account ' then coalesce({{ shop }}, '') else '' end
{%- endmacro %}

{#- The pseudonym of who is known by nothing else. Accounts of different shops may have the same id. -#}
{% macro own_pseudonym(identifier, scope) -%}
    case
        when {{ scope }} = ''
        then split_part({{ identifier }}, ' ', 2)
        else {{ dbt.hash(scope ~ " || ' ' || " ~ identifier) }}
    end
{%- endmacro %}

{#- latest_rows() of an extract, with the person as `customer_id`; `names_somebody` also where it is not known whom. -#}
{% macro latest_rows_of_people(extract, key, feeds=[], delivered=none, shop='null') -%}
    with latest as ({{ latest_rows(extract, key, feeds, delivered) | indent(4) }})

    select
        {{ columns_with('latest', 'customer_id', person_id('identities', 'latest.customer_id', shop)) }},
        latest.customer_id is not null as names_somebody
    from latest
    left join {{ ref('int_identities') }} as identities on {{ is_identity('identities', 'latest.customer_id', shop) }}
{%- endmacro %}

{#- An identifier and where it means one person, in one text. -#}
{% macro identifier_node(identifier, shop) -%}
    case
        when left({{ identifier }}, 8) = 'account ' then {{ identifier }} || ' ' || {{ shop }} else {{ identifier }}
    end
{%- endmacro %}
