"""The key of the pseudonyms: a file beside the warehouse, not in it, so that a rebuild gives the same pseudonyms."""

import logging
import os
import secrets
from pathlib import Path

from orchestration.programme.atomic import sync

log = logging.getLogger("reach_results.landing")


def make_pseudonym_key(file: Path) -> None:
    """Make a random key that only its owner may read, unless there is one. Other users lose access to one they had."""
    if file.exists():
        if file.stat().st_mode & 0o077:
            file.chmod(0o600)
            log.warning("%s was readable by other users; only its owner can read it now", file)
        return
    # Whole or not at all: a run that is killed here must not leave an empty key.
    temporary = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(secrets.token_hex(32))
    sync(temporary)
    os.replace(temporary, file)
    sync(file.parent)
