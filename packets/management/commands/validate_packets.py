"""`python manage.py validate_packets FILE`: checks packets from elsewhere against the standard.

Not read by `onestop.rest.strict_input`: that refuses a row of an API's input with one sentence, and bounds its size,
depth and numbers. This command reports every error of a packet with the line it begins on, and sets no such bounds.
"""

import codecs
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from packets.schemas.check import SchemaError, check, shown
from packets.switches.variation import STANDARD, Variation

from .export_packets import portal_with

INK = re.compile(r"[^ \t\r\n]")


@dataclass(frozen=True)
class CheckedPacket:
    """One packet of a file: the line it begins on, its kind if recognised, and its errors."""

    line: int
    kind: str | None
    errors: list[SchemaError]


class Command(BaseCommand):
    help = "Kiểm tra các gói tin do nơi khác lập: một đối tượng JSON, một danh sách JSON, hoặc JSON Lines."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="tệp cần kiểm tra; - là đầu vào chuẩn")
        parser.add_argument("--portal", metavar="MÃ", help="các gói được viết như cổng này muốn")

    def handle(self, *args: object, **options: Any) -> None:
        name = options["file"]
        portal = portal_with(options["portal"])
        variation = Variation.of(portal) if portal else STANDARD
        try:
            with sys.stdin.buffer if name == "-" else Path(name).open("rb") as source:
                packets, wrong = self.report(name, source, variation)
        except BrokenPipeError:
            # The reader of our output has closed it, as `head` does. Python would fail once more when it flushes at
            # the exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except OSError as error:
            message = _("Không đọc được %(file)s: %(reason)s") % {"file": name, "reason": error.strerror}
            raise CommandError(message, returncode=2) from error
        if wrong or not packets:
            sys.exit(1)

    def report(self, name: str, source: BinaryIO, variation: Variation) -> tuple[int, int]:
        packets = wrong = 0
        for packet in read_packets(source, variation):
            packets += 1
            wrong += bool(packet.errors)
            for error in packet.errors:
                place = f"{packet.kind or '?'} {error.path or '-'}"
                self.stdout.write(f"{name}:{packet.line}: {place}: {error.rule}: {error.message}")
        if not packets:
            self.stdout.write(_("Không có gói nào để kiểm tra."))
        counts = {"packets": packets, "right": packets - wrong, "wrong": wrong}
        self.stdout.write(_("%(packets)d gói, %(right)d hợp lệ, %(wrong)d sai") % counts)
        return packets, wrong


def read_packets(source: BinaryIO, variation: Variation = STANDARD) -> Iterator[CheckedPacket]:
    """The packets of a file in turn. JSON Lines are read line by line, so the file may have any length."""
    # Some editors write a byte order mark at the beginning; it is no part of the packet.
    lines = (line if number else line.removeprefix(codecs.BOM_UTF8) for number, line in enumerate(source))
    numbered = enumerate(lines, start=1)
    is_first = True
    for number, line in numbered:
        if not line.strip():
            continue
        if is_first and _is_part_of_a_whole(line):
            whole = line + b"".join(rest for _number, rest in numbered)
            yield from _read_text(whole, number, variation, is_list=whole.lstrip().startswith(b"["))
        else:
            yield from _read_text(line, number, variation, is_list=False)
        is_first = False


def _is_part_of_a_whole(line: bytes) -> bool:
    """Whether a first line opens a list, or an object that continues on the next lines."""
    if line.lstrip().startswith((b"[", codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    try:
        json.loads(line)
    except json.JSONDecodeError as error:
        return error.pos >= len(error.doc.rstrip())
    except (ValueError, RecursionError):
        return False
    return False


def _read_text(content: bytes, line: int, variation: Variation, *, is_list: bool) -> Iterator[CheckedPacket]:
    try:
        text = content.rstrip().decode()
    except UnicodeDecodeError:
        yield _broken(line, "encoding", _("Không phải UTF-8."))
        return
    try:
        if is_list:
            yield from _elements(text, line, variation)
            return
        packet, end = _next(text, _skip_blank(text, 0), line, variation)
        if end != len(text):
            raise json.JSONDecodeError("Extra data", text, end)
        yield packet
    except json.JSONDecodeError as error:
        place = {"line": line + error.lineno - 1, "column": error.colno}
        yield _broken(place["line"], "json", _("JSON hỏng ở dòng %(line)d, cột %(column)d.") % place)
    except ValueError:
        yield _broken(line, "json", _("JSON có một số quá dài."))
    except RecursionError:
        yield _broken(line, "depth", _("Dữ liệu lồng nhau quá sâu."))


def _broken(line: int, rule: str, message: str) -> CheckedPacket:
    return CheckedPacket(line, None, [SchemaError("", rule, message)])


def _elements(text: str, line: int, variation: Variation) -> Iterator[CheckedPacket]:
    """The elements of a JSON list, each as soon as it is read, so that a broken one hides only those after it."""
    position, counted = _skip_blank(text, text.index("[") + 1), 0
    if text.startswith("]", position):
        return
    while True:
        line, counted = line + text.count("\n", counted, position), position
        packet, position = _next(text, position, line, variation)
        yield packet
        if not text.startswith(",", position):
            break
        position = _skip_blank(text, position + 1)
    if not text.startswith("]", position) or _skip_blank(text, position + 1) != len(text):
        raise json.JSONDecodeError("Extra data", text, position)


def _next(text: str, position: int, line: int, variation: Variation) -> tuple[CheckedPacket, int]:
    """The packet at `position`, and the position of what follows it."""
    repeated: set[str] = set()

    def as_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
        packet = dict(pairs)
        if len(packet) < len(pairs):
            times = Counter(name for name, _value in pairs)
            repeated.update(name for name in packet if times[name] > 1)
        return packet

    packet, end = json.JSONDecoder(object_pairs_hook=as_object).raw_decode(text, position)
    message = _("Trường có nhiều lần trong cùng một đối tượng.")
    errors = [SchemaError(shown(name), "duplicate-key", message) for name in sorted(repeated)]
    kind = variation.kind_of(packet)
    if kind is None:
        errors.append(SchemaError("", "unknown-kind", _("Không nhận ra là loại gói nào trong bốn loại.")))
    else:
        # First the differences from the portal's variation; errors against the standard are reported once those are
        # corrected.
        standard, differences = variation.restored(kind, packet)
        errors += differences or check(kind, standard)
    return CheckedPacket(line, kind, errors), _skip_blank(text, end)


def _skip_blank(text: str, position: int) -> int:
    ink = INK.search(text, position)
    return ink.start() if ink else len(text)
