select kpi, family, unit, definition, family in ('result', 'relationship') as can_be_goal, better, accumulates, mart
from {{ ref('kpis') }}
