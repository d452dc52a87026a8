select experiment_id, arm, kpi, effect_per_unit, ci_low, ci_high, p_value, incremental_total, verdict, reason
from results.incrementality
