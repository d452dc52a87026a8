"""What a run tells while it works: short lines on the logger `reach_results`, which `make nightly` prints and Dagster
shows among the run's own log lines."""

import logging

log = logging.getLogger("reach_results")
