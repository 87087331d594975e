"""The bytes of a packet: its frozen JSON text with each file's content inserted as base64, in small pieces.

In the frozen text a mark stands for a file's content. It contains the packet's own key, which is drawn after all other
values of the text were typed. So no text that a citizen typed can be mistaken for a mark.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from onestop.dossiers.models import Attachment
from packets.models import Packet

# A multiple of 3, so that the pieces' base64 joined is the base64 of the whole.
PIECE = 3 * 64 * 1024


class FileMissing(Exception):
    """A stored file cannot be read; the argument is its name."""


class FileChanged(Exception):
    """A stored file differs from what was received; the argument is its name."""


def mark(key: UUID, ordinal: int) -> str:
    """The text that stands for the content of the dossier's file number `ordinal` in the frozen text."""
    return f"{mark_prefix(key)}{ordinal}"


def mark_prefix(key: UUID) -> str:
    """The beginning of every mark in the text of the packet with this key."""
    return f"file:{key}:"


@dataclass(frozen=True)
class Body:
    """The bytes that are sent for one packet, read piece by piece; `length` says how many."""

    text: str
    key: UUID
    attachments: Mapping[int, Attachment]

    def has_files(self) -> bool:
        return bool(self.attachments) and any(isinstance(part, Attachment) for part in self._parts)

    def digest(self) -> str:
        """SHA-256 of the bytes that are sent, in hexadecimal digits.

        Raises FileMissing or FileChanged unless every file exists with the digest that it had when it was received.
        """
        whole = hashlib.sha256()
        for part in self._parts:
            if isinstance(part, Attachment):
                own = hashlib.sha256()
                for piece in _pieces(part):
                    own.update(piece)
                    whole.update(base64.b64encode(piece))
                if own.hexdigest() != part.sha256:
                    raise FileChanged(part.name)
            else:
                whole.update(part)
        return whole.hexdigest()

    def length(self) -> int:
        return sum(4 * -(-part.size // 3) if isinstance(part, Attachment) else len(part) for part in self._parts)

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            if isinstance(part, Attachment):
                yield from map(base64.b64encode, _pieces(part))
            else:
                yield part

    @cached_property
    def _parts(self) -> list[bytes | Attachment]:
        marks = re.split(re.escape(mark_prefix(self.key)) + r"(\d+)", self.text)
        return [self.attachments[int(part)] if index % 2 else part.encode() for index, part in enumerate(marks)]


def with_bodies(packets: Collection[Packet]) -> Iterator[tuple[Packet, Body]]:
    """Each of `packets` with the bytes that are sent for it."""
    with_files = {packet.dossier_id for packet in packets if mark_prefix(packet.key) in packet.body}
    files: dict[int | None, dict[int, Attachment]] = {pk: {} for pk in with_files}
    if with_files:
        for attachment in Attachment.objects.filter(dossier__in=with_files):
            files[attachment.dossier_id][attachment.ordinal] = attachment
    for packet in packets:
        yield packet, Body(packet.body, packet.key, files.get(packet.dossier_id, {}))


def _pieces(attachment: Attachment) -> Iterator[bytes]:
    try:
        with attachment.file.storage.open(attachment.file.name or "") as file:
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        raise FileMissing(attachment.name) from error
