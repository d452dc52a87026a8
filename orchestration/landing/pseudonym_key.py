"""The key of the pseudonyms: a file outside the warehouse, so that a rebuild makes the same pseudonyms."""

import logging
import secrets
from pathlib import Path

from orchestration.programme.atomic import replace_whole

log = logging.getLogger("reach_results.landing")


def make_pseudonym_key(file: Path) -> None:
    """Create a random key that only its owner can read, unless there is one. Takes access from other users."""
    if file.exists():
        if file.stat().st_mode & 0o077:
            file.chmod(0o600)
            log.warning("%s was readable by other users; only its owner can read it now", file)
        return
    # Atomically: a run that is killed here must not leave an empty key.
    with replace_whole(file) as temporary:
        temporary.touch(mode=0o600)
        temporary.write_text(secrets.token_hex(32))
