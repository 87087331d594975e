"""`python -m tests.faults`: runs schedules, a line for each, and sums up. Exit 1 if one failed."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from itertools import count, islice

from .lanes import results_of
from .plans import plan_of
from .result import Result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schedules", type=int, default=300)
    parser.add_argument("--seed", type=int, help="this one alone")
    parser.add_argument("--first", type=int, default=0, help="the first of the seeds")
    parser.add_argument("--lanes", type=int, default=2, help="how many side by side")
    parser.add_argument("--family", default="", help="only schedules of this one")
    options = parser.parse_args()
    seeds = [options.seed] if options.seed is not None else seeds_of(options.family, options.first, options.schedules)
    began, results = time.monotonic(), []
    for result in results_of([plan_of(seed) for seed in seeds], min(options.lanes, len(seeds))):
        results.append(result)
        print(f"{len(results):>4}/{len(seeds)} {line(result)}", flush=True)
    print(summary(results, time.monotonic() - began))
    return 1 if any(result.complaints for result in results) else 0


def seeds_of(family: str, first: int, number: int) -> list[int]:
    fitting = (seed for seed in count(first) if family in plan_of(seed).family)
    return list(islice(fitting, number))


def line(result: Result) -> str:
    head = f"seed {result.seed:<4} {result.family:<32} {result.database:<10}"
    if result.skipped:
        return f"{head} SKIPPED: {result.skipped}"
    said = (
        f"{head} {result.seconds:4.1f} s  {result.moves:3} moves  {result.deliveries:3} delivered  "
        f"{result.repeats:2} repeats  {sum(result.faults.values()):3} faults"
    )
    if not result.complaints:
        return f"{said}  ok"
    again = f"again: make test-faults SEED={result.seed}   logs: {result.logs}"
    return "\n       ".join([f"{said}  FAILED", *result.complaints, again])


def summary(results: list[Result], seconds: float) -> str:
    faults: Counter[str] = sum((result.faults for result in results), Counter())
    failed = [result.seed for result in results if result.complaints]
    skipped = [result.seed for result in results if result.skipped]
    lines = [
        "",
        f"{len(results)} schedules in {seconds / 60:.1f} minutes, {len(failed)} failed, {len(skipped)} skipped",
        f"{sum(result.moves for result in results)} moves, {sum(result.deliveries for result in results)} deliveries, "
        f"{sum(result.repeats for result in results)} repeats, {sum(result.arrivals for result in results)} arrivals, "
        f"{sum(result.attempts for result in results)} attempts",
        f"{sum(faults.values())} faults:",
        *(f"{number:>7}  {fault}" for fault, number in sorted(faults.items())),
    ]
    if failed:
        lines.append(f"FAILED: {' '.join(f'SEED={seed}' for seed in sorted(failed))}")
    if skipped:
        lines.append(f"SKIPPED, NOT TESTED: {sorted(skipped)}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
