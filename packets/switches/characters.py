"""The text that may stand in a packet: without the characters that no XML document can hold.

Many receivers hand a packet on as XML, and their gateways refuse a whole one, or break, for a single such character
(XML 1.0, production Char). None of them is visible, and none means anything in a name or a note.
"""

from __future__ import annotations

import re

# The two last of each of Unicode's planes, and 32 more: for the use of programs, never of texts.
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
# Control characters, halves of characters, and those. Tab, line feed and carriage return may stand.
NEVER_SENT = re.compile(f"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff{_NONCHARACTERS}]")
# What word processors leave where a line ends: vertical tab, form feed, next line.
_LINE_ENDS = re.compile("[\x0b\x0c\x85]")


def sendable_text(text: str) -> str:
    """`text` without what is never sent; an unusual end of a line becomes a line feed, lest two words run together."""
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
