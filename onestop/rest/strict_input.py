"""Reads JSON strictly. It refuses what two parsers could understand differently, with a sentence that says where.

Besides invalid JSON it refuses a key twice in one object, NaN and infinities, numbers that do not fit 64 bits, more
than `MOST_DEPTH` levels, and text that is not valid Unicode. It accepts a byte order mark at the beginning, which
changes nothing and which some systems always write.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import IO, Any, BinaryIO, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from .errors import TooLarge

MOST_DEPTH: Final = 20
_PIECE: Final = 64 * 1024
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_AFTER_NUMBER: Final = (",", "]", " ", "\t", "\n", "\r")
# The length of the longest number that fits 64 bits, with its sign.
_INTEGER_LENGTH: Final = 20


class NotStrictJSON(ValueError):
    """The input is not JSON as this module accepts it; `str()` gives the reason in the language in force."""

    def __init__(self, message: StrOrPromise, **params: object) -> None:
        super().__init__(message)
        self._message, self._params = message, params

    def __str__(self) -> str:
        return str(self._message) % self._params


class StrictJSONParser(BaseParser):
    """Reads a request's body. Raises ParseError (400) where `read` refuses it, and TooLarge (413)."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, object] | None = None
    ) -> Any:  # Any: see `read`
        body = stream.read(settings.API_BODY_MAX_BYTES + 1)
        if len(body) > settings.API_BODY_MAX_BYTES:
            raise TooLarge
        try:
            return read(body)
        except NotStrictJSON as error:
            raise ParseError(str(error)) from error


def read(body: bytes) -> Any:  # Any: JSON may be any value
    """The one value in `body`. Raises NotStrictJSON."""
    try:
        text = body.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        raise NotStrictJSON(_("Nội dung không phải UTF-8, ở byte thứ %(at)d."), at=error.start + 1) from error
    decoder = _Decoder()
    try:
        value, end = decoder.value_at(text, _after_space(text, 0))
    except json.JSONDecodeError as error:
        raise _misplaced(error) from error
    end = _after_space(text, end)
    if end != len(text):
        raise _misplaced(json.JSONDecodeError("", text, end))
    if decoder.error:
        raise decoder.error
    return value


def rows(file: BinaryIO) -> Iterator[tuple[int, object]]:
    """The rows of a JSON array, or of lines of JSON, each with its number from 1; few of them are in memory at a time.

    A refused row is returned as a NotStrictJSON, and reading goes on with the next. Raises NotStrictJSON where the
    next row cannot be found, as after a misplaced comma in an array.
    """
    beginning = file.read(_PIECE).removeprefix(codecs.BOM_UTF8)
    while not beginning.strip() and (more := file.read(_PIECE)):
        beginning = more
    pieces = _pieces(beginning, file)
    if beginning.lstrip().startswith(b"["):
        return enumerate(_elements(pieces), 1)
    return enumerate(_lines(pieces), 1)


def _pieces(beginning: bytes, file: BinaryIO) -> Iterator[bytes]:
    yield beginning
    while piece := file.read(_PIECE):
        yield piece


def _lines(pieces: Iterator[bytes]) -> Iterator[object]:
    """The rows of lines of JSON; empty lines are skipped."""
    for line in _cut(pieces):
        if line is None:
            yield _too_long()
        elif not line.isspace() and line:
            try:
                yield read(line)
            except NotStrictJSON as error:
                yield error


def _cut(pieces: Iterator[bytes]) -> Iterator[bytes | None]:
    """The lines of the text, with None for a line that is too long."""
    rest, is_too_long = b"", False
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield None if is_too_long or len(line) > settings.API_BODY_MAX_BYTES else line
            is_too_long = False
        if len(rest) > settings.API_BODY_MAX_BYTES:
            rest, is_too_long = b"", True
    yield None if is_too_long else rest


def _elements(pieces: Iterator[bytes]) -> Iterator[object]:
    window = _Window(pieces)
    window.skip("[")
    if window.next_sign() == "]":
        window.skip("]")
    else:
        while True:
            yield window.take()
            if window.next_sign() == "]":
                window.skip("]")
                break
            window.skip(",")
    if window.next_sign():
        raise window.error()


class _Window:
    """The part of an array's text that is in memory. Text is added at its end and removed at its beginning."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._decoder = _Decoder()
        self._text = ""
        self._at = 0
        self._passed = 0
        self._has_ended = False

    def next_sign(self) -> str:
        """The next character that is no space; "" at the end."""
        while True:
            self._at = _after_space(self._text, self._at)
            if self._at < len(self._text) or self._has_ended:
                return self._text[self._at : self._at + 1]
            self._fill()

    def skip(self, sign: str) -> None:
        if self.next_sign() != sign:
            raise self.error()
        self._at += 1

    def take(self) -> object:
        """The next value, or a NotStrictJSON where the value is refused."""
        self.next_sign()
        while True:
            try:
                value, end = self._decoder.value_at(self._text, self._at)
            except json.JSONDecodeError as error:
                # Before the end of the text, the rest of the value may still have to be read.
                if self._has_ended:
                    raise self.error(error.pos) from error
            else:
                # A number may continue in the next piece: `1` with `.5` or `e9`.
                is_whole = not isinstance(value, int | float) or self._text[end : end + 1] in _AFTER_NUMBER
                if is_whole or self._has_ended:
                    self._at = end
                    return self._decoder.error or value
            if len(self._text) - self._at > settings.API_BODY_MAX_BYTES:
                raise _too_long()
            self._fill()

    def error(self, at: int | None = None) -> NotStrictJSON:
        position = self._passed + (self._at if at is None else at) + 1
        return NotStrictJSON(_("Mảng JSON sai cú pháp ở ký tự thứ %(position)d."), position=position)

    def _fill(self) -> None:
        piece = next(self._pieces, b"")
        self._has_ended = not piece
        self._passed += self._at
        try:
            self._text = self._text[self._at :] + self._utf8.decode(piece, final=self._has_ended)
        except UnicodeDecodeError as error:
            raise NotStrictJSON(_("Nội dung không phải UTF-8.")) from error
        self._at = 0


class _Decoder:
    """Reads values. `error` is the reason to refuse the last one, apart from errors of syntax."""

    def __init__(self) -> None:
        self.error: NotStrictJSON | None = None
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=self._integer,
            parse_float=self._fraction,
            parse_constant=lambda text: self._refuse(_("JSON không có số %(number)s."), number=text),
        )

    def value_at(self, text: str, start: int) -> tuple[object, int]:
        """The value that begins at `start`, and where it ends. Raises JSONDecodeError."""
        self.error = None
        try:
            value, end = self._decoder.raw_decode(text, start)
        except RecursionError as error:
            raise _too_deep() from error
        self.error = self.error or _error_within(value, 0)
        return value, end

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        made = dict(pairs)
        if len(made) != len(pairs):
            # `made` has the names in the order of their first use. The first place where both differ repeats a name.
            twice = next(name for first, (name, _value) in zip_longest(made, pairs) if first != name)
            self._refuse(_("Khóa “%(name)s” có hai lần."), name=twice[:50].encode(errors="backslashreplace").decode())
        return made

    def _integer(self, text: str) -> int:
        # Digits are counted first: converting thousands of them takes long.
        if len(text) > _INTEGER_LENGTH or abs(number := int(text)) >= 2**63:
            self._refuse(_("Số %(number)s quá lớn."), number=text[:_INTEGER_LENGTH])
            return 0
        return number

    def _fraction(self, text: str) -> float:
        number = float(text)
        if math.isinf(number):
            self._refuse(_("Số %(number)s quá lớn."), number=text[:_INTEGER_LENGTH])
        return number

    def _refuse(self, message: StrOrPromise, **params: object) -> None:
        self.error = self.error or NotStrictJSON(message, **params)


def _error_within(value: object, depth: int) -> NotStrictJSON | None:
    """The first text or level that is refused. `depth` is the number of objects and arrays around `value`."""
    if isinstance(value, str):
        return NotStrictJSON(_("Chuỗi có nửa ký tự Unicode.")) if _SURROGATE.search(value) else None
    if not isinstance(value, dict | list):
        return None
    if depth == MOST_DEPTH:
        return _too_deep()
    within = [*value, *value.values()] if isinstance(value, dict) else value
    return next((error for part in within if (error := _error_within(part, depth + 1))), None)


def _after_space(text: str, start: int) -> int:
    space = _SPACE.match(text, start)
    return space.end() if space else start


def _misplaced(error: json.JSONDecodeError) -> NotStrictJSON:
    return NotStrictJSON(_("JSON sai cú pháp ở dòng %(line)d, cột %(column)d."), line=error.lineno, column=error.colno)


def _too_deep() -> NotStrictJSON:
    return NotStrictJSON(_("JSON lồng nhau quá %(most)d tầng."), most=MOST_DEPTH)


def _too_long() -> NotStrictJSON:
    limit = settings.API_BODY_MAX_BYTES // 1024
    return NotStrictJSON(_("Một dòng dài hơn %(limit)d KB."), limit=limit)
