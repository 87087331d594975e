"""Errors in one shape: type, and for each fault its code, a sentence, and the field it is about."""

from __future__ import annotations

from django.core.exceptions import NON_FIELD_ERRORS, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelError
from django.utils.translation import gettext_lazy as _
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework import status
from rest_framework.exceptions import APIException, ErrorDetail, ParseError, ValidationError

from onestop.common.errors import WHOLE, InputRefused, Refused, reasons_of


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
    """A body in pieces, of unknown length: the server would read none of it and act as if it were empty."""

    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_code = "no_length"
    default_detail = _("Cần Content-Length; không nhận Transfer-Encoding: chunked.")


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = _("Nội dung gửi lên quá lớn.")


# Names of the input as a whole: ours and that of models, as the contract has it.
_WHOLE = {WHOLE: "non_field_errors", NON_FIELD_ERRORS: "non_field_errors"}


class ProblemHandler(ExceptionHandler):
    """Refusals of the office in the words of HTTP. No view translates them itself."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, InputRefused):
            return ValidationError(detail_of(exc))
        if isinstance(exc, Refused):
            return Conflict(str(exc), code=exc.code)
        if isinstance(exc, SuspiciousOperation):
            # Such as thousands of parameters. Its own words are for the log, in English.
            return ParseError()
        if isinstance(exc, ModelError):
            return ValidationError(detail_of(InputRefused(reasons_of(exc))))
        return super().convert_known_exceptions(exc)


def detail_of(error: InputRefused) -> dict[str, list[ErrorDetail]]:
    """What is wrong with the input as the framework has it: by field, with codes, in the language in force."""
    return {
        _WHOLE.get(name, name): [ErrorDetail(str(reason), reason.code) for reason in reasons]
        for name, reasons in error.fields.items()
    }
