"""The replies of the practice portal that differ from the right one, as a plan demands."""

import math
import time
from dataclasses import replace
from email.utils import formatdate
from http import HTTPStatus

from django.utils.html import escape
from django.utils.translation import gettext as _

from .exchange import SandboxReply, result
from .mischief import Call, Do, MischiefStep
from .shapes import LIVES, SHAPES, Meaning, Shape
from .store import REPEATED

HTML = {"Content-Type": "text/html; charset=utf-8"}
# The beginning of something compressed: neither JSON nor text.
GARBAGE = b'\x1f\x8b\x08\x00\xff{"Status": 0, "Message": "O'
# These stand in for the right reply, so the packet is checked first.
OF_RIGHT = (Meaning.YES, Meaning.EXISTS)
SILENCE = SandboxReply(0, {})


def instead(step: MischiefStep) -> SandboxReply | None:
    """The reply in the place of the right one; None for a step that sends the right one in another way."""
    match step.do:
        case Do.REFUSE:
            return _error_reply(step, _("Cổng cố ý từ chối, để thực hành."))
        case Do.UNAUTHORIZED:
            return result(401, _("Cổng cố ý hủy token, để thực hành."), WWW_Authenticate="Bearer")
        case Do.BUSY:
            reply = _error_reply(step, _("Cổng cố ý báo bận, để thực hành."))
            # Dates of HTTP have whole seconds only, so a date is rounded up: never earlier than the plan says.
            at = formatdate(math.ceil(time.time() + step.seconds), usegmt=True)
            return replace(reply, headers={"Retry-After": at if step.date else str(int(step.seconds))})
        case Do.SERVER_ERROR:
            return SandboxReply(step.status, {}, HTML, _page(f"{step.status} {HTTPStatus(step.status).phrase}"))
        case Do.ERROR_IN_200:
            return SandboxReply(
                200, {"Status": step.status, "Message": _("Cổng cố ý báo lỗi của mình, để thực hành.")}
            )
        case Do.REFUSED_IN_200:
            return SandboxReply(200, {"Status": step.status, "Message": _("Cổng cố ý từ chối, để thực hành.")})
        case Do.GARBAGE:
            return SandboxReply(200, {}, raw=GARBAGE)
        case Do.REDIRECT:
            return SandboxReply(step.status, {}, {"Location": step.to}, b"")
        case Do.NO_TOKEN if step.status:
            return _error_reply(step, "server_error")
        case Do.NO_TOKEN:
            return SandboxReply(200, {"token_type": "Bearer", "expires_in": 3600})
        case Do.SHAPE if step.shape in SHAPES and (
            step.at is Call.TOKEN or SHAPES[step.shape].meaning not in OF_RIGHT
        ):
            return _shaped(SHAPES[step.shape])
        case Do.RESET_BEFORE | Do.DOWN:
            return SILENCE
        case _:
            return None


def dressed(step: MischiefStep, right: SandboxReply) -> SandboxReply:
    """The right reply in the form that the step demands."""
    if step.do is Do.WRONG_TYPE:
        return replace(right, headers=right.headers | HTML, raw=_page(right.body.decode()))
    if step.do is Do.DRIP:
        return replace(right, raw=right.body.rjust(step.length))
    if step.do is not Do.SHAPE or right.status != 200:
        return right
    if step.shape in LIVES:
        lasts = LIVES[step.shape]
        life = f', "expires_in": {lasts}' if lasts else ""
        return replace(right, raw=f'{{"access_token": "{right.content["access_token"]}"{life}}}'.encode())
    shape = SHAPES[step.shape]
    # A reply “already exists” is true only of a packet that was accepted before.
    return _shaped(shape) if shape.meaning is Meaning.YES or right.outcome == REPEATED else right


def _shaped(shape: Shape) -> SandboxReply:
    return SandboxReply(shape.status, {}, shape.head, shape.body)


def _error_reply(step: MischiefStep, message: str) -> SandboxReply:
    return SandboxReply(step.status, {"error": message}) if step.at is Call.TOKEN else result(step.status, message)


def _page(text: str) -> bytes:
    return f"<!doctype html>\n<html><body><p>{escape(text)}</p></body></html>\n".encode()
