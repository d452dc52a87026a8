"""Messages that may go where everybody reads them: on the screen, into logs and Dagster's history.

An engine that cannot read or keep a value quotes it, and the value may be a customer's.
"""

import re

_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PSEUDONYM = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
# What DuckDB says about values; its other errors quote names of tables and columns, which are to be seen.
_ABOUT_VALUES = re.compile(r"(?:Conversion|Constraint|Invalid Input|Out of Range) Error")
# To the last quote of the line, because a quote within a value is not doubled; and to its end, if it has none.
_QUOTED = re.compile(r"""['"].*['"]|['"].*""")
_LONG_NUMBER = re.compile(r"[0-9]{8,}")


def hide_values(message: str) -> str:
    """The message without values. What an error about a value says on further lines is left out.

    >>> hide_values("Conversion Error: Could not convert string 'jo@x.example' to INT32\\n\\nLINE 1: select …")
    "Conversion Error: Could not convert string '…' to INT32"
    >>> hide_values('Binder Error: Referenced column "net" not found')
    'Binder Error: Referenced column "net" not found'
    """
    told = []
    for line in message.splitlines():
        if found := _ABOUT_VALUES.search(line):
            before, said = line[: found.start()], line[found.start() :]
            told.append(before + _LONG_NUMBER.sub("…", _QUOTED.sub("'…'", said)))
            break
        told.append(line)
    return hide_people("\n".join(told))


def hide_people(text: str) -> str:
    """The text without e-mail addresses and pseudonyms."""
    return _PSEUDONYM.sub("(pseudonym)", _ADDRESS.sub("(address)", text))
