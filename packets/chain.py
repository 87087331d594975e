"""The chain of evidence: what was accepted by a portal, each link sealed together with the one before it.

Needs nothing but Python, so that somebody else can check an export, without this system or its database:

    python3 chain.py EXPORT.jsonl

An export has one link a line, as JSON. Whoever changes, drops or slips in a link must reseal all that follow, and
then the last seal differs from the one that was in the operators' mail of that day.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# What stands in the place of a seal before the first link.
BEGINNING = "0" * 64
# What is sealed, in this order. `digest` is the SHA-256 of the request's body; `source` the record it was made of.
SEALED = ("portal", "number", "kind", "source", "key", "digest", "at", "milliseconds", "http_status", "reply")


def seal(previous: str, link: Mapping[str, Any]) -> str:
    """The seal of `link`, which comes after the one with the seal `previous`: 64 hexadecimal digits."""
    content = json.dumps([link[name] for name in SEALED], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{content}".encode()).hexdigest()


def faults(links: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What is wrong with links that should be a portal's whole chain, from number 1 on; nothing if it is sound."""
    previous, number = BEGINNING, 0
    for link in links:
        number += 1
        if link["number"] != number:
            yield f"#{number}: missing or out of order, #{link['number']} stands in its place"
            number = link["number"]
        elif link["seal"] != seal(previous, link):
            yield f"#{number}: changed, or one before it was taken out: the seal does not fit"
        if "body" in link and hashlib.sha256(link["body"].encode()).hexdigest() != link["digest"]:
            yield f"#{number}: the body is not the one that was sent"
        previous = link["seal"]


def main(path: str) -> int:
    with open(path, encoding="utf-8") as lines:
        links = [json.loads(line) for line in lines]
    found = list(faults(links))
    for fault in found:
        print(fault)
    last = links[-1] if links else {"number": 0, "seal": BEGINNING}
    print(f"{len(links)} links, {len(found)} faults; last #{last['number']} {last['seal']}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
