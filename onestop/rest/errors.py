"""Errors in one shape: type, and for each fault its code, a sentence, and the field it is about."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.exceptions import ValidationError as ModelError
from django.utils.translation import gettext_lazy as _
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.fields import get_error_detail

from onestop.dossiers.lifecycle.engine import MoveRefused
from onestop.votes.ballots import NotToBeRated


class Conflict(APIException):
    """The thing is not in a state in which this can be done."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class UnderWay(Conflict):
    """The same call has not been answered yet."""

    default_code = "under_way"
    default_detail = _("Lần gọi trước với Idempotency-Key này chưa xong; hãy thử lại sau.")
    wait = 5


class AnotherCall(APIException):
    """The key has been used for something else."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "key_reused"
    default_detail = _("Idempotency-Key này đã dùng cho một lần gọi khác.")


class Changed(APIException):
    """Somebody was faster."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "changed"
    default_detail = _("Hồ sơ đã thay đổi từ khi được đọc; hãy đọc lại rồi làm lại.")


class NoLength(APIException):
    """A body in pieces, whose length nobody says: the server would read none of it and act as if it were empty."""

    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_code = "no_length"
    default_detail = _("Cần Content-Length; không nhận Transfer-Encoding: chunked.")


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = _("Nội dung gửi lên quá lớn.")


class ProblemHandler(ExceptionHandler):
    """Refusals of the office in the words of HTTP. No view translates them itself."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, MoveRefused):
            return Conflict(str(exc), code="move_refused")
        if isinstance(exc, NotToBeRated):
            return Conflict(exc.messages[0], code=exc.code)
        if isinstance(exc, SuspiciousOperation):
            # Such as thousands of parameters. Its own words are for the log, in English.
            return ParseError()
        if isinstance(exc, ModelError):
            return ValidationError(faults(exc))
        return super().convert_known_exceptions(exc)


def faults(error: ModelError) -> Any:
    """A refusal of the office as the framework tells it: by field, with codes."""
    detail = get_error_detail(error)
    if isinstance(detail, dict):
        return {("non_field_errors" if name == "__all__" else name): said for name, said in detail.items()}
    return {"non_field_errors": detail}
