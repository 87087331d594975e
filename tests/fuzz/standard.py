"""`python -m tests.fuzz.standard`: schemathesis as anybody would run it, with all its phases and all its checks.

    make test-schemathesis                       # at least 20,000 calls, an hour at most; PostgreSQL where it answers
    make test-schemathesis CALLS=2000 SEED=7

`tests.fuzz` itself makes calls that the tool does not make: spoiled lines, each operation with each scope alone. Here
is what the tool makes of the contract by itself: its examples, the limits of each field, random calls, chains of calls
that follow from one another. Every answer is held to the contract, its headers as well; a call that the contract
allows must not be refused, one that it forbids must be. `hooks` fills in what no schema can say. Exit 1 at any
complaint.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from random import randrange

import yaml

from tests.practice_portal import ROOT

from .server import a_site, postgresql

# At least so many calls come of one more example of an operation: in an hour, which ended the run, 80,303 of 290 each.
CALLS_OF_AN_EXAMPLE = 5
# The limits of a list are tried, too: a bulk of ten thousand rows takes its time on a busy machine.
LONGEST_ANSWER = "300"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=20_000, help="at least about so many")
    parser.add_argument("--seed", type=int, help="of the generated calls; another each time unless told")
    parser.add_argument("--minutes", type=float, default=60, help="the most that it may take")
    parser.add_argument("--plain", action="store_true", help="without the hooks: what a stranger's run complains of")
    options, more = parser.parse_known_args()
    seed = options.seed if options.seed is not None else randrange(10_000)  # noqa: S311 no secret
    with a_site(postgresql()) as site:
        report = site.log.with_name("report.json")
        operations = sum(
            len(methods) for methods in yaml.safe_load(site.description.read_text("utf-8"))["paths"].values()
        )
        examples = max(1, round(options.calls / operations / CALLS_OF_AN_EXAMPLE))
        environment = os.environ | {
            "OFFICE_ADDRESS": site.address,
            "OFFICE_TOKEN": site.tokens["all"],
            "OFFICE_DESCRIPTION": str(site.description),
            "PYTHONPATH": str(ROOT),
        }
        if not options.plain:
            environment["SCHEMATHESIS_HOOKS"] = "tests.fuzz.hooks"
        command = [
            str(Path(sys.executable).with_name("schemathesis")),
            "--config-file", str(Path(__file__).with_name("schemathesis.toml")),
            "run", str(site.description), "--url", site.address, "--header", f"Authorization: {site.tokens['all']}",
            "--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure",
            "--max-time", str(int(options.minutes * 60)), "--request-timeout", LONGEST_ANSWER,
            "--generation-database", "none", "--report-json-path", str(report), *more,
        ]  # fmt: skip
        status = subprocess.run(command, cwd=site.log.parent, env=environment, check=False).returncode  # noqa: S603 the tool
        told = json.loads(report.read_text(encoding="utf-8"))
    cases = told["test_cases"]
    print(
        f"seed {seed}: {cases['generated']} calls in {told['running_time'] / 60:.1f} minutes ({told['stop_reason']}), "
        f"{cases['unique_failures']} complaints, {cases['errored']} calls without an answer"
    )
    return status


if __name__ == "__main__":
    sys.exit(main())
