"""The chain of evidence: what a portal accepted, each link sealed together with the one before it.

Needs only Python, so that others can check an export without this system or its database:

    python3 chain.py EXPORT.jsonl --anchor NUMBER:SEAL

An export has one link a line, as JSON. After a change, a removal or an insertion all later links must be sealed again.
Their seals then differ from those in the operators' mail of any later day; one of these serves as the anchor.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

# Serves as the seal before the first link.
BEGINNING = "0" * 64
# What is sealed, in this order. `digest` is the SHA-256 of the request's body; `source` the record it was made of.
SEALED = ("portal", "number", "kind", "source", "key", "digest", "at", "milliseconds", "http_status", "reply")


class ChainFlaw(Enum):
    GAP = "is not the next one: something before it is missing, or it is out of order"
    SEAL = "was changed, or something before it was taken out: its seal does not fit"
    BODY = "has another body than the one that was sent"
    ANCHOR = "does not have the seal of the anchor: the chain was sealed anew"


def seal(previous: str, link: Mapping[str, object]) -> str:
    """The seal of `link`, which follows the link with the seal `previous`: 64 hexadecimal digits."""
    content = json.dumps([link[name] for name in SEALED], ensure_ascii=False, separators=(",", ":"))
    return _sha256(f"{previous}\n{content}")


class Walk:
    """Checks a portal's chain link by link, from number 1 on. `number` and `seal` are those of the last link."""

    def __init__(self, anchor: tuple[int, str] | None = None) -> None:
        self.number, self.seal = 0, BEGINNING
        self.anchor = anchor

    def step(self, link: Mapping[str, Any]) -> Iterator[ChainFlaw]:
        """Yields what is wrong with `link` as the next one."""
        expected, previous = self.number + 1, self.seal
        self.number, self.seal = link["number"], link["seal"]
        if self.number != expected:
            yield ChainFlaw.GAP
        elif self.seal != seal(previous, link):
            yield ChainFlaw.SEAL
        if "body" in link and _sha256(link["body"]) != link["digest"]:
            yield ChainFlaw.BODY
        if self.anchor is not None and self.anchor[0] == self.number and self.anchor[1] != self.seal:
            yield ChainFlaw.ANCHOR

    def falls_short(self) -> bool:
        """Whether the anchor is beyond the last link."""
        return self.anchor is not None and self.anchor[0] > self.number


def read_anchor(text: str) -> tuple[int, str]:
    """The number and the seal of NUMBER:SEAL; ValueError for anything else."""
    if not re.fullmatch(r"[1-9][0-9]{0,17}:[0-9a-f]{64}", text):
        raise ValueError(f"{text} is not NUMBER:SEAL")
    number, _colon, its_seal = text.partition(":")
    return int(number), its_seal


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _read(line: str) -> dict[str, Any] | None:
    """The link on a line of an export; None if the line holds none."""
    try:
        link = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(link, dict) or not all(
        isinstance(link.get(name, []), (str, int, type(None))) for name in SEALED
    ):
        return None
    texts = [link["digest"], link.get("seal"), link.get("body", "")]
    return link if isinstance(link["number"], int) and all(isinstance(text, str) for text in texts) else None


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks an exported chain of evidence.")
    parser.add_argument("export", help="one link a line, as JSON")
    parser.add_argument("--anchor", type=read_anchor, metavar="NUMBER:SEAL", help="a seal written down earlier")
    options = parser.parse_args()
    walk, links, flaws, portal = Walk(options.anchor), 0, 0, None
    with open(options.export, encoding="utf-8", errors="surrogateescape") as lines:
        for line_number, line in enumerate(lines, start=1):
            link = _read(line)
            if link is None:
                flaws += 1
                print(f"line {line_number} is not a link")
                continue
            links, portal = links + 1, link["portal"]
            for flaw in walk.step(link):
                flaws += 1
                print(f"#{walk.number} {flaw.value}")
    if walk.falls_short():
        flaws += 1
        print("the chain ends before the anchor")
    print(f"portal {portal!a}: {links} links, {flaws} faults; last {walk.number}:{walk.seal}")
    return 1 if flaws else 0


if __name__ == "__main__":
    sys.exit(main())
