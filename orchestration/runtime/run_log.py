"""The logger of a run: short lines that `make nightly` prints on the screen and Dagster shows in the run's log.

Details go to Dagster's own logger of the run (`context.log`) instead.
"""

import logging

log = logging.getLogger("reach_results")
