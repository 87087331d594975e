"""Errors in one format: a type, and for each error its code, a sentence, and its field."""

from __future__ import annotations

from django.core.exceptions import NON_FIELD_ERRORS, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelError
from django.utils.translation import gettext_lazy as _
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework import status
from rest_framework.exceptions import APIException, ErrorDetail, ParseError, ValidationError

from onestop.common.errors import WHOLE, InputRefused, Refused, reasons_of

from .error_list import WHOLE_OBJECT


class Conflict(APIException):
    """The call is not possible in the present state of the object."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class UnderWay(Conflict):
    """An earlier call with the same key has not been answered yet."""

    default_code = "under_way"
    default_detail = _("Lần gọi trước với Idempotency-Key này chưa xong; hãy thử lại sau.")
    wait = 5


class AnotherCall(APIException):
    """The key has been used for another call."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "key_reused"
    default_detail = _("Idempotency-Key này đã dùng cho một lần gọi khác.")


class Changed(APIException):
    """The object has changed since the caller read it."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "changed"
    default_detail = _("Hồ sơ đã thay đổi từ khi được đọc; hãy đọc lại rồi làm lại.")


class NoLength(APIException):
    """The body is chunked, so its length is unknown: the server would read none of it and treat it as empty."""

    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_code = "no_length"
    default_detail = _("Cần Content-Length; không nhận Transfer-Encoding: chunked.")


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = _("Nội dung gửi lên quá lớn.")


# Our key for the input as a whole and that of Django's models, each with its name in the contract.
_WHOLE = {WHOLE: WHOLE_OBJECT, NON_FIELD_ERRORS: WHOLE_OBJECT}


class ProblemHandler(ExceptionHandler):
    """Turns refusals of the domain into HTTP errors, so that no view has to."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, InputRefused):
            return ValidationError(detail_of(exc))
        if isinstance(exc, Refused):
            return Conflict(str(exc), code=exc.code)
        if isinstance(exc, SuspiciousOperation):
            # For example thousands of parameters. Django's own message is English and meant for the log.
            return ParseError()
        if isinstance(exc, ModelError):
            return ValidationError(detail_of(InputRefused(reasons_of(exc))))
        return super().convert_known_exceptions(exc)


def detail_of(error: InputRefused) -> dict[str, list[ErrorDetail]]:
    """The reasons in the framework's form: by field, with codes, in the language in force."""
    return {
        _WHOLE.get(name, name): [ErrorDetail(str(reason), reason.code) for reason in reasons]
        for name, reasons in error.fields.items()
    }
