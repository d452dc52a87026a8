"""Raw to marts: which models are to be built tonight (inputs), and dbt building them in this process (build)."""
