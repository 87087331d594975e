"""An office of an earlier version, with texts and numbers as people type them, is brought up to this one.

    python -m tests.bench.upgrade [--before COMMIT] [--dossiers N] [--server postgres://…]

Takes the earlier version out of git into a temporary folder, lets it load its own demo office, puts in what people
type (phones in ten writings, identity numbers, names written apart from their accents), migrates with this version and
tells what was mended, what was not, and whether anything is lost. Ends with 1 if anything is. In an SQLite file, or in
a database of its own on the server named.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

import django
from django.db import connection, connections

from onestop.common.input import identity_numbers, phones
from onestop.common.input.text import tidy_line, tidy_lines, words_of

from .database import own_database

ROOT: Final = Path(__file__).parents[2]
LANDED: Final = "e43aa93"

# How `0905123456` is written, given its digits; and what no migration can read.
WRITINGS: Final[list[Callable[[str], str]]] = [
    lambda phone: f"{phone[:4]} {phone[4:7]} {phone[7:]}",
    lambda phone: f"{phone[:4]}.{phone[4:7]}.{phone[7:]}",
    lambda phone: f"{phone[:4]}-{phone[4:7]}-{phone[7:]}",
    lambda phone: f"+84{phone[1:]}",
    lambda phone: f"84{phone[1:]}",
    lambda phone: f"0084{phone[1:]}",
    lambda phone: f"(+84) {phone[1:4]} {phone[4:]}",
    lambda phone: phone[1:],
    lambda phone: "".join(chr(0xFF10 + int(digit)) for digit in phone),
    lambda phone: f"ĐT: {phone}",
]
SPOILT: Final = ["9.05E+08", "không có", "0905 12", "0000000000", "0905123456 chị Lan"]
IDENTITY_NOS: Final[list[Callable[[str], str]]] = [
    lambda number: f"{number[:3]} {number[3:6]} {number[6:]}",
    lambda number: f"{number[:3]}.{number[3:6]}.{number[6:9]}.{number[9:]}",
    lambda number: f"CCCD: {number}",
    lambda number: number[1:],  # as a spreadsheet leaves it
]
# So many of a hundred dossiers get one that is spoilt.
SPOILT_OF_100: Final = 2


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--before", default=LANDED, metavar="COMMIT", help="the version to come from")
    asked.add_argument("--dossiers", type=int, default=20_000, metavar="N")
    asked.add_argument("--server", default="", metavar="URL", help="PostgreSQL; left out: SQLite")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="onestop-upgrade-") as folder:
        place = Path(folder)
        if not options.server:
            return upgrade(place, f"sqlite:///{place / 'upgrade.sqlite3'}", options.before, options.dossiers)
        with own_database(options.server, "onestop_upgrade", never_kept=True):
            try:
                return upgrade(place, os.environ["DATABASE_URL"], options.before, options.dossiers)
            finally:
                connections.close_all()


def upgrade(place: Path, url: str, before: str, number: int) -> int:
    earlier = place / "before"
    earlier.mkdir()
    content = run(["git", "archive", before], ROOT)
    run(["tar", "-x", "-C", str(earlier)], ROOT, content)
    os.environ |= {"DATABASE_URL": url, "DATA_DIR": str(place / "data"), "DJANGO_SETTINGS_MODULE": "onestop.settings"}

    def manage(version: Path, *command: str) -> str:
        return run([sys.executable, "manage.py", *command], version).decode()

    say(f"{before}: an office of {number} dossiers, {urlsplit(url).scheme}")
    manage(earlier, "migrate", "--verbosity", "0")
    manage(earlier, "load_demo", "--dossiers", str(number), "--verbosity", "0")
    django.setup()
    say("put in: " + ", ".join(f"{count} {what}" for what, count in as_people_type().items()))
    rows, dossiers = counted(), kept()
    begun = monotonic()
    told = manage(ROOT, "migrate", "--verbosity", "1")
    say(f"migrated in {monotonic() - begun:.1f} s")
    for line in told.splitlines():
        if line.startswith("    "):
            say(line.strip())
    losses = [*lost_rows(rows), *lost_values(dossiers)]
    doubtful = Counter(" ".join(line.split()[1:]) for line in manage(ROOT, "doubtful_numbers").splitlines())
    for what, count in sorted(doubtful.items()):
        say(f"left for people: {what}: {count}")
    manage(ROOT, "recount", "--check")
    say("recount --check: every figure is what history gives")
    for loss in losses[:20]:
        say(f"LOST: {loss}")
    say(f"{len(losses)} losses among {sum(rows.values())} rows")
    return 1 if losses else 0


def run(command: list[str], folder: Path, given: bytes | None = None) -> bytes:
    """What the command says; ends with its words where it fails."""
    ran = subprocess.run(command, cwd=folder, input=given, capture_output=True, check=False)  # noqa: S603 our own
    if ran.returncode:
        raise SystemExit(f"{' '.join(command)}:\n{ran.stdout.decode()}\n{ran.stderr.decode()}")
    return ran.stdout


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


# ---- what is put in, and what is compared

COLUMNS: Final = ("id", "code", "applicant_name", "address", "summary", "identity_no", "phone", "applicant_kind")


def as_people_type() -> dict[str, int]:
    """Writes texts and numbers anew in the earlier version's tables; tells how many of which."""
    put_in: Counter[str] = Counter()
    updates = []
    typed = rows_of("SELECT id, code, applicant_name, summary, identity_no, phone FROM dossiers_dossier ORDER BY id")
    for place, (key, code, name, summary, identity_no, phone) in enumerate(typed):
        if phone:
            is_spoilt = place % 100 < SPOILT_OF_100
            phone = SPOILT[place // 100 % len(SPOILT)] if is_spoilt else WRITINGS[place % len(WRITINGS)](phone)
            put_in["spoilt phones" if is_spoilt else "phones in ten writings"] += 1
            if place % 50 == 10 and not is_spoilt:
                phone = f"{phone} - 0912345678"[:30]
        if identity_no:
            identity_no = IDENTITY_NOS[place % len(IDENTITY_NOS)](identity_no)
            put_in["identity numbers in four writings"] += 1
        if place % 3 == 0:
            name = unicodedata.normalize("NFD", name)
            put_in["names written apart"] += 1
        elif place % 3 == 1:
            name = f"{name}\u200b\u00a0".replace("Đ", "Ð")
            put_in["names pasted"] += 1
        updates.append([name, identity_no, phone, searched_before(f"{code or ''} {name} {summary}"), key])
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE dossiers_dossier SET applicant_name = %s, identity_no = %s, phone = %s, search = %s WHERE id = %s",
            updates,
        )
    return dict(put_in)


def searched_before(text: str) -> str:
    """The words that a dossier was found by when đ was the only letter that was folded besides accents."""
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return "".join(f" {word}" for word in re.findall(r"[^\W_]+", plain))


def rows_of(query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def counted() -> dict[str, int]:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    return {table: rows_of(f'SELECT count(*) FROM "{table}"')[0][0] for table in tables}  # noqa: S608 our own tables


def kept() -> dict[int, dict[str, Any]]:
    found = rows_of(f"SELECT {', '.join(COLUMNS)} FROM dossiers_dossier")  # noqa: S608 our own columns
    return {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in found}


# Tables that have another name since.
RENAMED: Final = {
    "dossiers_uncounted": "dossiers_statsqueue",
    "packets_channel": "packets_deliverystate",
    "partners_reply": "partners_idempotentreply",
    "staff_keptlist": "staff_savedlist",
    "staff_reading": "staff_accesslog",
    "statistics_upkeep": "statistics_statslock",
}


def lost_rows(before: dict[str, int]) -> Iterator[str]:
    now = counted()
    for table, number in before.items():
        left = now.get(RENAMED.get(table, table), 0)
        if left < number:
            yield f"{table}: {number} rows before, {left} now"


def lost_values(before: dict[int, dict[str, Any]]) -> Iterator[str]:
    """Dossiers of which something is not what this version makes of what was typed, or that are not found by it."""
    expected = {
        "applicant_name": tidy_line,
        "address": tidy_line,
        "summary": tidy_lines,
        "identity_no": identity_numbers.canonical,
        "phone": phones.canonical,
    }
    found = dict(rows_of("SELECT id, search FROM dossiers_dossier"))
    mended: Counter[str] = Counter()
    for key, now in kept().items():
        was = before.pop(key)
        for name, value in now.items():
            wanted = expected[name](was[name]) if name in expected and was[name] else was[name]
            mended[name] += value != was[name]
            if value != wanted:
                yield f"{name} of dossier {key} is not what was typed"
        words = words_of(f"{now['code'] or ''} {now['applicant_name']} {now['summary']}")
        if found[key] != "".join(f" {word}" for word in words):
            yield f"dossier {key} is not found by its words"
    yield from (f"dossier {key} is gone" for key in before)
    say("mended: " + ", ".join(f"{name} of {count}" for name, count in mended.items() if count))


if __name__ == "__main__":
    sys.exit(main())
