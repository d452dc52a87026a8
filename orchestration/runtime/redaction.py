"""Redaction of personal data in messages that go to the screen, into logs and into Dagster's history.

If an engine cannot read or store a value, it quotes the value, and that may be a customer's name or address.
"""

import re

_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PSEUDONYM = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
# DuckDB's errors about values. Its other errors quote names of tables and columns, which should be visible.
_ABOUT_VALUES = re.compile(r"(?:Conversion|Constraint|Invalid Input|Out of Range) Error")
# Up to the last quote of the line, because DuckDB does not double a quote within a value; to the end of the line if the
# quote is not closed.
_QUOTED = re.compile(r"""['"].*['"]|['"].*""")
_LONG_NUMBER = re.compile(r"[0-9]{8,}")


def redact_values(message: str) -> str:
    """The message without values. Lines after the first error about a value are dropped.

    >>> redact_values("Conversion Error: Could not convert string 'jo@x.example' to INT32\\n\\nLINE 1: select …")
    "Conversion Error: Could not convert string '…' to INT32"
    >>> redact_values('Binder Error: Referenced column "net" not found')
    'Binder Error: Referenced column "net" not found'
    """
    lines = []
    for line in message.splitlines():
        if found := _ABOUT_VALUES.search(line):
            before, error = line[: found.start()], line[found.start() :]
            lines.append(before + _LONG_NUMBER.sub("…", _QUOTED.sub("'…'", error)))
            break
        lines.append(line)
    return redact_people("\n".join(lines))


def redact_people(text: str) -> str:
    """The text without e-mail addresses and pseudonyms."""
    return _PSEUDONYM.sub("(pseudonym)", _ADDRESS.sub("(address)", text))
