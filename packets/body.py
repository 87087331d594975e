"""A packet's bytes: its frozen JSON text with the content of each attachment put in as base64, in small pieces.

In the frozen text a mark stands for a file's content. It holds the packet's own key, which nobody could know when
the text's other values were typed, so that no citizen's words are ever taken for a mark.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from onestop.dossiers.models import Attachment

# A multiple of 3, so that the pieces' base64 joined is the base64 of the whole.
PIECE = 3 * 64 * 1024


class FileMissing(Exception):
    """A stored file cannot be read; the argument is its name."""


class FileChanged(Exception):
    """A stored file is not what was taken in; the argument is its name."""


def mark(key: UUID, ordinal: int) -> str:
    """What stands in the frozen text for the content of the dossier's file number `ordinal`."""
    return f"file:{key}:{ordinal}"


@dataclass(frozen=True)
class Body:
    """What goes over the wire for one packet: `length` bytes, read piece by piece."""

    text: str
    key: UUID
    attachments: Mapping[int, Attachment]

    def check_files(self) -> None:
        """Raises FileMissing or FileChanged unless every file is there, with the digest it was taken in with."""
        for part in self._parts():
            if isinstance(part, Attachment):
                digest = hashlib.sha256()
                for piece in _pieces(part):
                    digest.update(piece)
                if digest.hexdigest() != part.sha256:
                    raise FileChanged(part.name)

    def length(self) -> int:
        return sum(4 * -(-part.size // 3) if isinstance(part, Attachment) else len(part) for part in self._parts())

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts():
            if isinstance(part, Attachment):
                yield from map(base64.b64encode, _pieces(part))
            else:
                yield part

    def _parts(self) -> Iterator[bytes | Attachment]:
        marks = re.split(re.escape(f"file:{self.key}:") + r"(\d+)", self.text)
        for index, part in enumerate(marks):
            yield self.attachments[int(part)] if index % 2 else part.encode()


def _pieces(attachment: Attachment) -> Iterator[bytes]:
    try:
        with attachment.file.storage.open(attachment.file.name or "") as file:
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        raise FileMissing(attachment.name) from error
