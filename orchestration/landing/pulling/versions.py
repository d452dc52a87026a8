"""Versions of fetched objects in the paths of their files.

landing/pulled/<connection>/<entry>/<version>/<path of the object>
"""

import hashlib
import re

VERSION = re.compile(r"[a-p]{12}")


def name_version(known: str) -> str:
    """Twelve letters for what a store says of a version; no digits, because a path is searched for a date."""
    digest = hashlib.sha256(known.encode()).hexdigest()[:12]
    return digest.translate(str.maketrans("0123456789abcdef", "abcdefghijklmnop"))


def strip_version(file: str) -> str:
    """The path of a file below landing without the version of its object, if it has one: the same for all versions.

    >>> strip_version("landing/pulled/lake/orders/abcdefghijkl/in/o.csv")
    'landing/pulled/lake/orders/in/o.csv'
    """
    parts = file.split("/")
    is_versioned = len(parts) > 5 and parts[:2] == ["landing", "pulled"] and VERSION.fullmatch(parts[4])
    return "/".join([*parts[:4], *parts[5:]]) if is_versioned else file
