{#
    A telephone number as E.164 (ITU-T), `+` and the digits: with `+` or `00` in front as it is, else as a number of the
    country (ISO 3166) without its trunk prefix. Null where it can be neither.
#}
{% macro as_phone(column, country) -%}
    {%- set dialled = "translate(trim(" ~ column ~ "), '() -./''', '')" -%}
    {#- Countries by calling code and trunk prefix: the metadata of Google's libphonenumber (the package phonenumbers 9). -#}
    {%- set calling_codes = {
        '1 1': 'AG AI AS BB BM BS CA DM DO GD GU JM KN KY LC MP MS PR SX TC TT US VC VG VI', '7 8': 'KZ RU',
        '20 0': 'EG', '27 0': 'ZA', '30 ': 'GR', '31 0': 'NL', '32 0': 'BE', '33 0': 'FR', '34 ': 'ES', '36 06': 'HU',
        '39 ': 'IT VA', '40 0': 'RO', '41 0': 'CH', '43 0': 'AT', '44 0': 'GB GG IM JE', '45 ': 'DK', '46 0': 'SE',
        '47 ': 'NO SJ', '48 ': 'PL', '49 0': 'DE', '51 0': 'PE', '52 ': 'MX', '53 0': 'CU', '54 0': 'AR',
        '55 0': 'BR', '56 ': 'CL', '57 0': 'CO', '58 0': 'VE', '60 0': 'MY', '61 0': 'AU CC CX', '62 0': 'ID',
        '63 0': 'PH', '64 0': 'NZ', '65 ': 'SG', '66 0': 'TH', '81 0': 'JP', '82 0': 'KR', '84 0': 'VN', '86 0': 'CN',
        '90 0': 'TR', '91 0': 'IN', '92 0': 'PK', '93 0': 'AF', '94 0': 'LK', '95 0': 'MM', '98 0': 'IR',
        '211 0': 'SS', '212 0': 'EH MA', '213 0': 'DZ', '216 ': 'TN', '218 0': 'LY', '220 ': 'GM', '221 ': 'SN',
        '222 ': 'MR', '223 ': 'ML', '224 ': 'GN', '225 ': 'CI', '226 ': 'BF', '227 ': 'NE', '228 ': 'TG',
        '229 ': 'BJ', '230 ': 'MU', '231 0': 'LR', '232 0': 'SL', '233 0': 'GH', '234 0': 'NG', '235 ': 'TD',
        '236 ': 'CF', '237 ': 'CM', '238 ': 'CV', '239 ': 'ST', '240 ': 'GQ', '241 ': 'GA', '242 ': 'CG',
        '243 0': 'CD', '244 ': 'AO', '245 ': 'GW', '246 ': 'IO', '247 ': 'AC', '248 ': 'SC', '249 0': 'SD',
        '250 0': 'RW', '251 0': 'ET', '252 0': 'SO', '253 ': 'DJ', '254 0': 'KE', '255 0': 'TZ', '256 0': 'UG',
        '257 ': 'BI', '258 ': 'MZ', '260 0': 'ZM', '261 0': 'MG', '262 0': 'RE YT', '263 0': 'ZW', '264 0': 'NA',
        '265 0': 'MW', '266 ': 'LS', '267 ': 'BW', '268 ': 'SZ', '269 ': 'KM', '290 ': 'SH TA', '291 0': 'ER',
        '297 ': 'AW', '298 ': 'FO', '299 ': 'GL', '350 ': 'GI', '351 ': 'PT', '352 ': 'LU', '353 0': 'IE',
        '354 ': 'IS', '355 0': 'AL', '356 ': 'MT', '357 ': 'CY', '358 0': 'AX FI', '359 0': 'BG', '370 0': 'LT',
        '371 ': 'LV', '372 ': 'EE', '373 0': 'MD', '374 0': 'AM', '375 8': 'BY', '376 ': 'AD', '377 0': 'MC',
        '378 ': 'SM', '380 0': 'UA', '381 0': 'RS', '382 0': 'ME', '383 0': 'XK', '385 0': 'HR', '386 0': 'SI',
        '387 0': 'BA', '389 0': 'MK', '420 ': 'CZ', '421 0': 'SK', '423 0': 'LI', '500 ': 'FK', '501 ': 'BZ',
        '502 ': 'GT', '503 ': 'SV', '504 ': 'HN', '505 ': 'NI', '506 ': 'CR', '507 ': 'PA', '508 0': 'PM',
        '509 ': 'HT', '590 0': 'BL GP MF', '591 0': 'BO', '592 ': 'GY', '593 0': 'EC', '594 0': 'GF', '595 0': 'PY',
        '596 0': 'MQ', '597 ': 'SR', '598 0': 'UY', '599 ': 'BQ CW', '670 ': 'TL', '672 ': 'NF', '673 ': 'BN',
        '674 ': 'NR', '675 ': 'PG', '676 ': 'TO', '677 ': 'SB', '678 ': 'VU', '679 ': 'FJ', '680 ': 'PW',
        '681 ': 'WF', '682 ': 'CK', '683 ': 'NU', '685 ': 'WS', '686 0': 'KI', '687 ': 'NC', '688 ': 'TV',
        '689 ': 'PF', '690 ': 'TK', '691 ': 'FM', '692 1': 'MH', '850 0': 'KP', '852 ': 'HK', '853 ': 'MO',
        '855 0': 'KH', '856 0': 'LA', '880 0': 'BD', '886 0': 'TW', '960 ': 'MV', '961 0': 'LB', '962 0': 'JO',
        '963 0': 'SY', '964 0': 'IQ', '965 ': 'KW', '966 0': 'SA', '967 0': 'YE', '968 ': 'OM', '970 0': 'PS',
        '971 0': 'AE', '972 0': 'IL', '973 ': 'BH', '974 ': 'QA', '975 ': 'BT', '976 0': 'MN', '977 0': 'NP',
        '992 ': 'TJ', '993 8': 'TM', '994 0': 'AZ', '995 0': 'GE', '996 0': 'KG', '998 ': 'UZ',
    } -%}
    coalesce(
        {{ as_international_phone(column) }},
        case
            when {{ matches(dialled, '^[0-9]{5,14}$') }}
            then
                case
                    {%- for code_and_trunk, countries in calling_codes.items() %}
                        {%- set code, trunk = code_and_trunk.split(' ') %}
                        when upper(trim({{ country }})) in ('{{ countries | replace(' ', "', '") }}')
                        then '+{{ code }}' || {{ replace_pattern(dialled, '^' ~ trunk, []) if trunk else dialled }}
                    {%- endfor %}
                end
        end
    )
{%- endmacro %}

{#- One with `+` or `00` in front; null for any other. -#}
{% macro as_international_phone(column) -%}
    {%- set dialled = "translate(replace(trim(" ~ column ~ "), '(0)', ''), '() -./''', '')" -%}
    {%- set written = replace_pattern(dialled, '^00', ['+']) -%}
    case when {{ matches(written, '^[+][1-9][0-9]{6,14}$') }} then {{ written }} end
{%- endmacro %}
