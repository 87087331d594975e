"""How each client is made of the committed contract, checked, and sent on its journey.

The tools are installed once into `var/clients/`, in the versions that this folder names; what they make lies in the
folder of one run.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from onestop.api.contract.serving import COMMITTED
from tests.practice_portal import ROOT

OURS = Path(__file__).parent
TOOLS = ROOT / "var/clients"
LONGEST_STEP = 600
MOST_SHOWN = 50


def run(*command: str | Path, cwd: Path, **more: str) -> None:
    """Raises CalledProcessError, after what the command itself printed."""
    print("$", " ".join(Path(part).name if isinstance(part, Path) else part for part in command), flush=True)
    subprocess.run(  # noqa: S603 the tools that this folder names
        [str(part) for part in command], cwd=cwd, env=os.environ | more, check=True, timeout=LONGEST_STEP
    )


def python_client(folder: Path, office: Path) -> None:
    """openapi-python-client: types checked by mypy, as a partner's own system would be."""
    tools = _installed("python", ["requirements.txt"], _into_an_environment)
    generated = folder / "openapi-python-client"
    generated.mkdir()
    shutil.copy(OURS / "python/journey.py", generated)
    run(
        tools / "bin/openapi-python-client", "generate", "--path", COMMITTED, "--meta", "none",
        "--config", OURS / "python/generator.yml", "--output-path", generated / "partner_api", cwd=generated,
    )  # fmt: skip
    run(tools / "bin/mypy", "--strict", "--cache-dir", folder / "mypy", "journey.py", cwd=generated)
    run(tools / "bin/python", "journey.py", office, cwd=generated)


def openapi_typescript(folder: Path, office: Path) -> None:
    """openapi-typescript makes types, openapi-fetch calls with them."""
    place = _typescript(folder / "openapi-typescript")
    run(
        place / "node_modules/.bin/openapi-typescript", COMMITTED,
        "--output", place / "generated/openapi-typescript.ts", cwd=place,
    )  # fmt: skip
    _typescript_journey(place, "openapi-fetch.ts", office)


def hey_api(folder: Path, office: Path) -> None:
    place = _typescript(folder / "hey-api")
    run(
        place / "node_modules/.bin/openapi-ts", "--input", COMMITTED, "--output", place / "generated/hey-api",
        "--client", "@hey-api/client-fetch", "--no-log-file", cwd=place,
    )  # fmt: skip
    _typescript_journey(place, "hey-api.ts", office)


CLIENTS: dict[str, Callable[[Path, Path], None]] = {
    "openapi-python-client": python_client,
    "openapi-typescript": openapi_typescript,
    "hey-api": hey_api,
}


def linted(contract: Path = COMMITTED) -> int:
    """How many errors and warnings Redocly and Spectral have of `contract`, after they are printed."""
    tools = _installed("typescript", ["package.json", "package-lock.json", ".npmrc"], _by_npm)
    place = OURS / "typescript"
    redocly = _problems(
        tools / "node_modules/.bin/redocly", "lint", contract, "--config", place / "redocly.yaml",
        "--format", "json", "--max-problems", "1000", cwd=tools,
    )["problems"]  # fmt: skip
    spectral = _problems(
        tools / "node_modules/.bin/spectral", "lint", contract, "--ruleset", place / ".spectral.yaml",
        "--format", "json", "--quiet", cwd=tools,
    )  # fmt: skip
    for name, problems in (("redocly", redocly), ("spectral", spectral)):
        print(f"{name}: {len(problems)} errors and warnings")
        for problem in problems[:MOST_SHOWN]:
            print(f"FAILED {json.dumps(problem, ensure_ascii=False)[:400]}")
    return len(redocly) + len(spectral)


def _problems(*command: str | Path, cwd: Path) -> Any:  # Any: JSON
    """What a linter says in JSON. It ends with 1 where it found an error, which is no failure of its own."""
    environment = os.environ | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    done = subprocess.run(  # noqa: S603 the tools that this folder names
        [str(part) for part in command], cwd=cwd, env=environment, check=False, timeout=LONGEST_STEP,
        capture_output=True, text=True,
    )  # fmt: skip
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise RuntimeError(done.stdout + done.stderr) from None


def _typescript(place: Path) -> Path:
    """A folder with the journeys, and with the tools where node looks for them."""
    tools = _installed("typescript", ["package.json", "package-lock.json", ".npmrc"], _by_npm)
    (place / "generated").mkdir(parents=True)
    for file in [*(OURS / "typescript").glob("*.ts"), OURS / "typescript/package.json"]:
        shutil.copy(file, place)
    (place / "node_modules").symlink_to(tools / "node_modules")
    return place


def _typescript_journey(place: Path, journey: str, office: Path) -> None:
    """Only the journey that has its client is checked; then it is bundled, because node takes no types."""
    shutil.copy(OURS / "typescript/tsconfig.json", place)
    for other in place.glob("*.ts"):
        if other.name not in (journey, "office.ts"):
            other.unlink()
    run(place / "node_modules/.bin/tsc", "--project", "tsconfig.json", cwd=place)
    bundle = place / "journey.mjs"
    run(
        place / "node_modules/.bin/esbuild", journey, "--bundle", "--platform=node", "--format=esm",
        "--log-level=warning", f"--outfile={bundle}", cwd=place,
    )  # fmt: skip
    run("node", bundle, office, cwd=place)


def _installed(kind: str, named_in: list[str], install: Callable[[Path], None]) -> Path:
    """The folder with the tools, installed again where the files that name them have changed."""
    place = TOOLS / kind
    files = [OURS / kind / name for name in named_in]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    mark = place / "installed"
    if not mark.exists() or mark.read_text(encoding="utf-8") != digest:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for file in files:
            shutil.copy(file, place)
        install(place)
        mark.write_text(digest, encoding="utf-8")
    return place


def _into_an_environment(place: Path) -> None:
    run(sys.executable, "-m", "venv", place, cwd=place)
    run(place / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt", cwd=place)


def _by_npm(place: Path) -> None:
    run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=place)
