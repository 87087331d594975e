"""`python -m tests.fuzz`: calls the API many times and sums up. Exit 1 if an answer was not as it must be."""

from __future__ import annotations

import argparse
import sys
from random import randrange

from .calling import Caller
from .server import a_site, postgresql


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--seed", type=int, help="of the generated calls; another each time unless told")
    parser.add_argument("--minutes", type=float, default=30, help="the most that it may take")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else randrange(10_000)  # noqa: S311 no secret
    with a_site(postgresql()) as site:
        caller = Caller(site, seed)
        result = caller.run(options.calls, options.minutes * 60)
        print(result.told())
        log = site.log.read_text(encoding="utf-8").splitlines()
    if result.complaints:
        # Refusals are warnings, and there are thousands.
        print("\n".join([line for line in log if " WARNING " not in line][-1_000:]))
    return 1 if result.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
