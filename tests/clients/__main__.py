"""`python -m tests.clients`: makes the clients and sends each on its journey. Exit 1 at any failure or complaint.

Prints how often each client called each operation; one that a client never calls is a failure, too.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

from tests.api.contract import contract

from .generators import CLIENTS, linted
from .proxy import Record
from .site import Site, a_site


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--client", choices=CLIENTS, action="append", help="this one alone; may be given several times"
    )
    parser.add_argument("--lint", action="store_true", help="have the contract linted, and nothing else")
    options = parser.parse_args()
    if options.lint:
        return 1 if linted() else 0
    names = options.client or [*CLIENTS]
    with a_site() as site:
        failed = [name for name in names if not _travelled(site, name)]
        records = {name: site.records[name] for name in names}
        print(_table(records))
        missing = [
            f"{name} never calls {method} {path}"
            for name, record in records.items()
            for method, path in operations()
            if name not in failed and (method, path) not in record.calls
        ]
        complaints = [f"{name}: {told}" for name, record in records.items() for told in record.complaints]
        for line in [*(f"{name} did not arrive" for name in failed), *missing, *complaints]:
            print("FAILED", line)
        if failed:
            print(site.log.read_text(encoding="utf-8")[-5_000:])
    return 1 if failed or missing or complaints else 0


def _travelled(site: Site, name: str) -> bool:
    """Makes the client and sends it on its journey, through the proxy with a record of its own."""
    place = site.folder / f"{name}.json"
    on_a_day_off = site.office["due_on_a_day_off"].pop()
    place.write_text(json.dumps(site.office | {"due_on_a_day_off": on_a_day_off}), encoding="utf-8")
    site.records[name] = site.proxy.record = Record()
    try:
        CLIENTS[name](site.folder, place)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        print(error)
        return False
    return True


def operations() -> list[tuple[str, str]]:
    return [(method.upper(), path) for path, methods in contract()["paths"].items() for method in methods]


def _table(records: dict[str, Record]) -> str:
    """Calls by operation and client."""
    rows = [f"{'':62}" + "".join(f"{name:>23}" for name in records)]
    for method, path in operations():
        counts = "".join(f"{record.calls[method, path]:>23}" for record in records.values())
        rows.append(f"{method:7}{path.removeprefix('/api/v1/'):55}{counts}")
    totals = "".join(f"{sum(record.calls.values()):>23}" for record in records.values())
    answers = {name: sorted({status for _name, status in record.statuses}) for name, record in records.items()}
    return "\n".join([*rows, f"{'calls':62}{totals}", *(f"{name}: answers {told}" for name, told in answers.items())])


if __name__ == "__main__":
    sys.exit(main())
