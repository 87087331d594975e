"""Reads the records of a JSON file key by key for the columns of a model, and collects all errors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, cast

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.operations import BaseDatabaseOperations

from onestop.common.input.text import NOT_IN_LINES, tidy_line, tidy_lines

# Half of a surrogate pair, or NUL: JSON can contain them, but no database stores them.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def _tidied(text: str) -> str:
    """`text` tidied. Hidden characters are removed without an error, because the office cannot correct the file."""
    return tidy_lines(NOT_IN_LINES.sub("", tidy_lines(text)))


@dataclass(frozen=True)
class RecordError:
    """An error with its place. `row` counts from 1; 0 stands for the file as a whole."""

    file: str
    reason: str
    row: int = 0
    code: str = ""
    key: str = ""

    def __str__(self) -> str:
        place = [self.file]
        place += [f"bản ghi {self.row}"] if self.row else []
        place += [f"mã {self.code}"] if self.code else []
        place += [f"trường {self.key}"] if self.key else []
        return f"{', '.join(place)}: {self.reason}"


@dataclass(frozen=True)
class Record:
    """One JSON object, read key by key for the columns of `model`.

    A wrong value is noted in `errors` and read as an empty value, so that one reading finds all errors.
    """

    data: Mapping[str, object]
    model: type[models.Model]
    file: str
    number: int
    code: str
    errors: list[RecordError]
    path: str = ""

    def add_error(self, key: str, reason: str) -> None:
        self.errors.append(RecordError(self.file, reason, self.number, self.code, self.path + key))

    def text(self, key: str, column: str = "") -> str:
        """The text at `key`, valid for `column`, which has the same name unless it is set."""
        value = self._string(key)
        if value is None or not self._check(key, column or key, value):
            return ""
        return str(self._column(column or key).to_python(value))

    def word(self, key: str) -> str:
        """The text at `key`, or "" where there is none. The caller checks whether it is valid."""
        return tidy_line(self._string(key) or "")

    def choice(self, key: str, ours: Mapping[str, str]) -> str:
        """The value in `ours` for the word at `key`."""
        value = self.word(key)
        if value not in ours:
            allowed = ", ".join(filter(None, ours))
            self.add_error(key, f"“{value}” không phải là một trong: {allowed}" if value else f"thiếu, cần: {allowed}")
            return ""
        return ours[value]

    def flag(self, key: str) -> bool:
        value = self.data.get(key)
        if not isinstance(value, bool):
            self.add_error(key, "phải là true hoặc false")
        return value is True

    def whole(self, key: str, column: str = "") -> int | None:
        value = self.data.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            self.add_error(key, "phải là số nguyên")
            return None
        self._check(key, column or key, value)
        return value

    def decimal(self, key: str, column: str) -> Decimal | None:
        value = self.data.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.add_error(key, "phải là số")
            return None
        return Decimal(value) if self._check(key, column, Decimal(value)) else None

    def texts(self, key: str) -> list[str]:
        values = self._list(key)
        texts = [_tidied(value) for value in values if isinstance(value, str) and not _UNSTORABLE.search(value)]
        if len(texts) < len(values):
            self.add_error(key, "phải là danh sách chuỗi ký tự")
            return []
        return texts

    def record(self, key: str, model: type[models.Model]) -> Record:
        """The object at `key`, or an empty one."""
        value = self.data.get(key)
        if value is not None and not isinstance(value, dict):
            self.add_error(key, "phải là một đối tượng")
        return self._part(key, value, model)

    def records(self, key: str, model: type[models.Model]) -> Iterator[Record]:
        for ordinal, value in enumerate(self._list(key), 1):
            if isinstance(value, dict):
                yield self._part(f"{key}[{ordinal}]", value, model)
            else:
                self.add_error(f"{key}[{ordinal}]", "phải là một đối tượng")

    def _string(self, key: str) -> str | None:
        value = self.data.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.add_error(key, "phải là chuỗi ký tự")
            return None
        if _UNSTORABLE.search(value):
            self.add_error(key, "có ký tự không lưu được")
            return None
        return _tidied(value)

    def _part(self, key: str, value: object, model: type[models.Model]) -> Record:
        data = value if isinstance(value, dict) else {}
        return replace(self, data=data, model=model, path=f"{self.path}{key}.")

    def _list(self, key: str) -> list[object]:
        value = self.data.get(key)
        if not isinstance(value, list):
            self.add_error(key, "phải là một danh sách")
            return []
        return value

    def _column(self, name: str) -> models.Field[Any, Any]:
        return cast("models.Field[Any, Any]", self.model._meta.get_field(name))

    def _check(self, key: str, name: str, value: object) -> bool:
        """Whether `value` is valid for the model's column. If not, notes the error."""
        column = self._column(name)
        # SQLite accepts any integer, but the same file must be valid on PostgreSQL.
        bounds = BaseDatabaseOperations.integer_field_ranges.get(column.get_internal_type())
        if isinstance(value, int) and bounds and not bounds[0] <= value <= bounds[1]:
            self.add_error(key, f"phải từ {bounds[0]} đến {bounds[1]}")
            return False
        try:
            column.clean(value, None)
        except ValidationError as error:
            self.add_error(key, " ".join(error.messages))
            return False
        return True


def read_records(path: Path, model: type[models.Model], errors: list[RecordError]) -> Iterator[Record]:
    """The objects in the list of the file at `path`, for `model`. Adds to `errors` what cannot be read."""
    for number, data in enumerate(_load(path, errors), 1):
        if not isinstance(data, dict):
            errors.append(RecordError(path.name, "phải là một đối tượng", number))
            continue
        code = data.get("code")
        if not isinstance(code, str) or _UNSTORABLE.search(code):
            code = ""
        yield Record(data, model, path.name, number, code, errors)


def _load(path: Path, errors: list[RecordError]) -> list[object]:
    try:
        # `Decimal` keeps fractions exact. Some editors put a byte order mark first, which "utf-8-sig" skips.
        content = json.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except OSError as error:
        errors.append(RecordError(path.name, f"không đọc được: {error.strerror}"))
    except json.JSONDecodeError as error:
        errors.append(RecordError(path.name, f"JSON sai ở dòng {error.lineno}, cột {error.colno}: {error.msg}"))
    except (ValueError, RecursionError) as error:
        errors.append(RecordError(path.name, f"không phải JSON dùng được: {error}"))
    else:
        if isinstance(content, list):
            return content
        errors.append(RecordError(path.name, "phải là một danh sách"))
    return []
