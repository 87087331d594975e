"""Removes from texts the characters that no XML document can hold.

Many receivers pass a packet on as XML, and for a single such character their gateways refuse the whole packet or fail
(XML 1.0, production Char). The characters are invisible and mean nothing in a name or a note.
"""

from __future__ import annotations

import re

# The last two code points of each Unicode plane, and 32 more: they are reserved for programs and stand in no text.
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
# Control characters, surrogates, and those. Tab, line feed and carriage return are allowed.
NEVER_SENT = re.compile(f"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff{_NONCHARACTERS}]")
# Word processors end lines with these: vertical tab, form feed, next line.
_LINE_ENDS = re.compile("[\x0b\x0c\x85]")


def sendable_text(text: str) -> str:
    """`text` without what is never sent; an unusual line end becomes a line feed, so that two words stay apart."""
    return _LINE_ENDS.sub("\n", NEVER_SENT.sub("", text))


def sendable(value: object) -> object:
    """Plain data with every text in it made sendable."""
    if isinstance(value, str):
        return sendable_text(value)
    if isinstance(value, list):
        return [sendable(item) for item in value]
    if isinstance(value, dict):
        return {name: sendable(item) for name, item in value.items()}
    return value
