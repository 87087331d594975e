"""A packet for people to read: its text, its errors in words, and each field compared with the record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from packets import dialects
from packets.models import Packet
from packets.models.reasons import Reason
from packets.queue.payload import mark_prefix
from packets.switches.variation import DATE_SHAPES, LOCAL, Variation

Path = tuple[str | int, ...]
# What portals call the sentence of their reply, and the sentence, with its quotation marks.
SENTENCE = re.compile(
    r'"(?:message|msg|error|error_description|detail|description)"\s*:\s*("(?:[^"\\]|\\.)*")', re.IGNORECASE
)


@dataclass(frozen=True)
class ComparedField:
    """One field: its name, and its value in the packet and in the record; None where the field is missing."""

    name: str
    sent: str | None
    now: str | None
    differs: bool


def laid_out(packet: Packet) -> str:
    """The frozen text with a few words in place of each file's mark; "" if it was never built."""
    if not packet.body:
        return ""
    text = json.dumps(json.loads(packet.body), ensure_ascii=False, indent=2)
    written = _("(tệp #%(ordinal)d, nội dung được ghi vào khi gửi)")
    return re.sub(
        rf'"{re.escape(mark_prefix(packet.key))}(\d+)"', lambda match: written % {"ordinal": int(match[1])}, text
    )


def error_lines(packet: Packet) -> list[str]:
    """The errors of a packet, line by line: an invalid one's with its fields in words, a reply's with its sentence."""
    if packet.reason == Reason.INVALID:
        return named_errors(packet.detail, packet.portal.dialect)
    if packet.detail.lstrip().startswith(("{", "[")):
        return [_("Cổng trả lời: “%(text)s”") % {"text": text} for text in sentences_of(packet.detail)]
    return packet.detail.splitlines()


def sentences_of(reply: str) -> list[str]:
    """The sentences in a portal's reply, which may be cut off: the words under its message fields, each once."""
    texts = []
    for quoted in SENTENCE.findall(reply):
        try:
            text = str(json.loads(quoted, strict=False)).strip()
        except ValueError:
            continue
        if text and text not in texts:
            texts.append(text)
    return texts


def named_errors(detail: str, dialect: str) -> list[str]:
    """The errors of an invalid packet, which its `detail` holds, with the fields in the dialect's words."""
    lines = []
    for line in detail.splitlines():
        path, _colon, message = line.partition(": ")
        steps = [int(step) if step.isdecimal() else step for step in re.findall(r"[^.\[\]]+", path)]
        lines.append(": ".join(filter(None, (named(tuple(steps), dialect), message))))
    return lines


def compare(packet: Packet, rebuilt: Packet) -> list[ComparedField]:
    """Every field of `packet` and of `rebuilt`, the same packet built now; those that differ come first."""
    variation = Variation.of(packet.portal)
    sent, now = dict(_fields(json.loads(packet.body))), dict(_fields(json.loads(rebuilt.body)))
    lines = [
        ComparedField(
            named(variation.standard_path(packet.kind, path), packet.portal.dialect),
            _value(sent[path], packet) if path in sent else None,
            _value(now[path], packet) if path in now else None,
            differs=path not in sent or path not in now or sent[path] != now[path],
        )
        for path in sent | now
    ]
    return sorted(lines, key=lambda line: not line.differs)


def named(path: Path, dialect: str) -> str:
    """A field's place in words; `path` has the standard's names."""
    names, words = dialects.get(dialect).field_names, ""
    for step in path:
        words += f" {step + 1}" if isinstance(step, int) else f"{', ' if words else ''}{names.get(step, step)}"
    return str(capfirst(words))


def _fields(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    if value and isinstance(value, dict | list):
        for step, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _fields(part, (*path, step))
    else:
        yield path, value


def _value(value: object, packet: Packet) -> str:
    if isinstance(value, bool):
        return _("có") if value else _("không")
    if value in ("", [], {}, None):
        return _("(để trống)")
    text = str(value)
    if text.startswith(mark_prefix(packet.key)):
        return _("(nội dung tệp)")
    return _instant(text) if any(shape.fullmatch(text) for shape in DATE_SHAPES.values()) else text


def _instant(text: str) -> str:
    """An instant by the office's clock, in whatever form the portal has it."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        # A text that only looks like an instant.
        return text
    local = at.astimezone(LOCAL) if at.tzinfo else at
    return f"{local:%d/%m/%Y %H:%M:%S.%f}"[:-3]
