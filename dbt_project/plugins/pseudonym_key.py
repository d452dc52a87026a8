"""Gives dbt's sessions the programme's key for pseudonyms, without the key ever standing in a statement that is logged.

The key is read from PSEUDONYM_KEY, else from the file that PSEUDONYM_KEY_FILE names (orchestration makes it); without
either, from the sample programme's, like the paths in profiles.yml.
"""

import os
from hashlib import sha256
from pathlib import Path

from dbt.adapters.duckdb.plugins import BasePlugin

SAMPLE_KEY_FILE = Path(__file__).parents[2] / "sample/programme/.pseudonym_key"
BLOCK = 64  # bytes of a SHA-256 block: RFC 2104 pads or hashes the key to this length


class Plugin(BasePlugin):
    def initialize(self, plugin_config):
        self._key = read_key()

    def configure_cursor(self, cursor):
        inner, outer = pads(self._key)
        cursor.execute("set variable pseudonym_inner_pad = $pad", {"pad": inner})
        cursor.execute("set variable pseudonym_outer_pad = $pad", {"pad": outer})


def read_key() -> bytes:
    """The key. Raises FileNotFoundError if there is none: without a key there would be no pseudonyms, only nulls."""
    key = os.environ.get("PSEUDONYM_KEY")
    return key.encode() if key else Path(os.environ.get("PSEUDONYM_KEY_FILE", SAMPLE_KEY_FILE)).read_bytes().strip()


def pads(key: bytes) -> tuple[bytes, bytes]:
    """Inner and outer pad of HMAC-SHA256 (RFC 2104), 64 bytes each."""
    block = (sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)
