"""Reads the records of a JSON file key by key, as a model's columns want them, and notes every fault there is."""

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

# Half of a surrogate pair, or NUL: JSON can spell them, no database can hold them.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def _tidied(text: str) -> str:
    """As all text is kept. The office cannot mend what others publish: what is hidden in it goes, and is no fault."""
    return tidy_lines(NOT_IN_LINES.sub("", tidy_lines(text)))


@dataclass(frozen=True)
class RecordError:
    """What is wrong, and where; `row` counts from 1 and is 0 when it is the file as a whole."""

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
    """One JSON object, read key by key as the columns of `model` want it.

    A fault is noted and an empty value given in its stead, so that one reading finds all faults.
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
        """The text at `key`, fit for `column` (of the same name, unless given)."""
        value = self._string(key)
        if value is None or not self._check(key, column or key, value):
            return ""
        return str(self._column(column or key).to_python(value))

    def word(self, key: str) -> str:
        """The text at `key`, or "" where there is none; whether it is fit, somebody else knows."""
        return tidy_line(self._string(key) or "")

    def choice(self, key: str, ours: Mapping[str, str]) -> str:
        """Our word for the one at `key`."""
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
        """The object at `key`; an empty one where there is none."""
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
        """Whether the model's column takes `value`; notes why not: too long, blank, out of range, malformed."""
        column = self._column(name)
        # SQLite would take any integer; the file must suit PostgreSQL as well.
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
    """The objects listed in the file at `path`, for `model`; notes in `errors` what it could not read."""
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
        # Decimals stay exact. The byte order mark is what some editors put first.
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
