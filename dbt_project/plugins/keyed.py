"""The programme's key for pseudonyms, ready for HMAC-SHA256 in SQL. Imports nothing of dbt: landing uses it, too."""

import os
from hashlib import sha256
from pathlib import Path

SAMPLE_KEY_FILE = Path(__file__).parents[2] / "sample/programme/.pseudonym_key"
BLOCK = 64  # bytes of a SHA-256 block: RFC 2104 pads or hashes the key to this length


def read_key(file: Path | str | None = None) -> bytes:
    """The key. Raises FileNotFoundError if there is none: without a key there would be no pseudonyms, only nulls."""
    key = os.environ.get("PSEUDONYM_KEY")
    file = file or os.environ.get("PSEUDONYM_KEY_FILE", SAMPLE_KEY_FILE)
    return key.encode() if key else Path(file).read_bytes().strip()


def pads(key: bytes) -> tuple[bytes, bytes]:
    """Inner and outer pad of HMAC-SHA256 (RFC 2104), 64 bytes each."""
    block = (sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


def set_pads(connection, key: bytes) -> None:
    """Give a session what the macro pseudonym() reads; as parameters, so that no statement that is logged has it."""
    inner, outer = pads(key)
    connection.execute("set variable pseudonym_inner_pad = $pad", {"pad": inner})
    connection.execute("set variable pseudonym_outer_pad = $pad", {"pad": outer})
