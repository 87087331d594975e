"""Interprets a portal's reply to a packet: from the reply alone, without any state.

The standard defines a reply of two fields, `MResult`: a number `Status` and a text `Message`, both optional. No list
of the numbers was ever published, and many portals are behind gateways. So any reply is read like this:

- *Taken* only if the reply is empty, or says so in the fields of the standard (names in any case, at the top or one
  level down, numbers as text), or in those that the portal's row names.
- *Refused* if anything in it says no, in any wording, even beside a yes.
- *Already held* if it says that the packet exists already. That proves the packet only if it repeats one that was sent
  before without an answer. Otherwise the portal holds another content.
- *The portal's configuration*: 403, 404, 405 and similar codes without the standard's fields.
- Everything else is no answer, and counts as the portal's failure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from packets.dialects.tolerant_json import Pairs, at, everything, number, objects, parsed, plain, unwrapped
from packets.models.reasons import Reason

from .messages import NAMES

# HTTP's codes for a wrong address, method, format or right, whatever the packet contains.
CONFIGURATION = (403, 404, 405, 406, 407, 415, 417, 421, 426)

STATUS, MESSAGE = "status", "message"
# Names that other software uses for the outcome, in the form of `plain`. A value in one of these that is not nothing
# says no.
ERRORS = {"error", "errors", "err", "fault", "faultstring", "exception", "errormessage", "errordescription", "loi"}
ERRORS |= {"errorcode", "errcode", "errno", "faultcode", "maloi"}
SUCCESSES = {"success", "issuccess", "issuccessful", "successful", "succeeded", "succeed", "ok", "isok", "accepted"}
SUCCESSES |= {"thanhcong"}
OUTCOMES = {"result", "outcome", STATUS}
# These may also number something else, such as a dossier, so they are read only if nothing else decides.
CODES = {"code", "statuscode", "resultcode", "responsecode", "returncode", "httpstatus"}
WORDS = (
    *(MESSAGE, "msg", "errormessage", "errordescription", "description", "faultstring", "detail", "details", "reason"),
    *("title", "thongbao", "mota", "error", "errors", "fault", "exception"),
)
# Names in the error pages of frameworks, never in an `MResult`: beside them `status` is HTTP's, not the standard's.
FRAMEWORK = {"timestamp", "path", "traceid", "instance", "servlet", "title"}
# An object with so many names of a packet is our own packet, which the portal sent back.
ECHO = 3
PACKET_NAMES = {plain(name) for name in NAMES} - {STATUS, "note", "content", "comment", "total"}

TRUE, FALSE = {"true", "yes", "y"}, {"false", "no", "n"}
NOTHING = {"", "0", "00", "000", "0000", "null", "none", "nil", "ok", "success", "no", "false", "no error", "không"}

# Wordings for a packet that exists already; also those of databases for a duplicate key.
EXISTS = re.compile(
    r"đã tồn tại|da ton tai|already exist|already been (?:received|synchroni[sz]ed|submitted|processed)"
    r"|đã được (?:đồng bộ|tiếp nhận|ghi nhận) (?:trước|từ trước|rồi)|trùng (?:hồ sơ|mã hồ sơ|gói tin|khóa)"
    r"|duplicate (?:key (?:value|row|error)|entry|record|document|dossier|packet|request|message|submission)"
    r"|duplicate key.{0,40}(?:unique|constraint|index)|^\W*duplicated?\W*$|unique constraint|unique key constraint",
    re.IGNORECASE,
)
# With one of these words something else exists: a session, a user, a file, a field of the packet.
OF_OTHERS = re.compile(
    r"session|phiên|token|user|account|login|tài khoản|người dùng|client|connection|kết nối"
    r"|attachment|file|tệp|tập tin|field|property|attribute|parameter|header|column|trường(?! hợp)|thuộc tính|tham số",
    re.IGNORECASE,
)
UPDATED = re.compile(r"updated|đã (?:được )?cập nhật|da (?:duoc )?cap nhat|overwritten|ghi đè", re.IGNORECASE)
NOT_UPDATED = re.compile(r"(?:not|n't|không|chưa|khong|chua)\s+(?:\w+\s+){0,3}(?:updated|cập nhật|cap nhat)", re.I)
# Wordings that say no in a message without a number; Vietnamese also typed without diacritics.
SAYS_NO = re.compile(
    r"lỗi|thất bại|không|chưa|thiếu|\bsai\b|từ chối|hết hạn|quá hạn|bị chặn|vượt quá|trùng"
    r"|\bloi\b|that bai|\bkhong\b|\bchua\b|\bthieu\b|tu choi|het han"
    r"|error|\berr\b|fail|exception|invalid|illegal|denied|reject|refus|forbid|unauthori[sz]ed|not |n't\b|cannot"
    r"|unable|unsuccess|missing|required|unknown|unsupported|unavailable|timed? ?out|expired|exceed"
    r"|too (?:many|large|long)|duplicate|conflict|abort|no route|bad (?:request|gateway)|wrong|incorrect|mismatch"
    r"|violat|disabled|blocked|suspended",
    re.IGNORECASE,
)
NO_FAILURE = re.compile(
    r"(?:không|khong) (?:có|co|phát sinh|gặp) (?:lỗi|loi)|\b(?:no|without|0|zero) (?:errors?|lỗi|loi)\b", re.IGNORECASE
)

HTML = re.compile(r"\s*<")
NOT_READ = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.IGNORECASE | re.DOTALL)
# How many characters of a reply that is not JSON are searched for such wordings.
TEXT_READ = 4_000


@dataclass(frozen=True)
class ReplyRule:
    """Which field of a reply decides, and which of its values mean yes. Without `field`: the standard's own."""

    values: Sequence[object]
    field: str = ""

    def names(self, value: object) -> bool:
        """Whether `value` is one of those that mean yes: a number also as text, a text in any case."""
        return any(_same(value, each) for each in self.values)


@dataclass(frozen=True)
class Verdict:
    """`reason`: why the packet was not taken; None if it was. `words`: the receiver's own, for people."""

    reason: Reason | None
    words: str = ""


def read(http_status: int, text: str, rule: ReplyRule, *, repeat: bool = False) -> Verdict:
    """The meaning of a reply. `repeat`: this packet was sent before without an answer, and “already exists” can mean
    no other packet that the portal may hold.
    """
    reply = ParsedReply(text, rule)
    return Verdict(_reason(http_status, reply, repeat), reply.in_words)


def _reason(http_status: int, reply: ParsedReply, repeat: bool) -> Reason | None:
    match http_status:
        case 401:
            return Reason.TOKEN
        case 408:
            return Reason.TIMEOUT
        case 429:
            return Reason.BUSY
    if http_status < 200 or 300 <= http_status <= 399:
        # A redirect is not the portal's answer: the address is wrong, or a gateway answered.
        return Reason.UNREADABLE_REPLY
    if http_status in CONFIGURATION and not reply.is_the_portals_own:
        return Reason.CONFIGURATION
    if reply.says_it_exists and (http_status >= 400 or isinstance(reply.value, Pairs)):
        return None if repeat else Reason.ALREADY_HELD
    if http_status >= 500:
        return Reason.SERVER_ERROR
    if http_status >= 400:
        return Reason.SERVER_ERROR if reply.trouble else Reason.REFUSED
    return _reason_of_2xx(reply)


def _reason_of_2xx(reply: ParsedReply) -> Reason | None:
    if reply.is_empty:
        return None
    if reply.trouble:
        return Reason.SERVER_ERROR
    if reply.refuses_token:
        return Reason.TOKEN
    if reply.denials:
        return Reason.REFUSED
    return None if reply.says_yes else Reason.UNREADABLE_REPLY


class ParsedReply:
    """The content of a reply, without its HTTP status."""

    def __init__(self, text: str, rule: ReplyRule) -> None:
        self.text, self.rule = text, rule
        try:
            self.value: object = parsed(text)
            self.is_json = True
        except ValueError:
            self.value, self.is_json = None, False

    @property
    def is_empty(self) -> bool:
        """Whether the reply is empty. `{}` is not: a gateway may send an object without the standard's fields, too."""
        return not self.text.strip("\ufeff \t\r\n\f\v\xa0")

    # ---- the words that count

    @cached_property
    def results(self) -> list[Pairs]:
        """The objects, at the top and one level down, that may be an `MResult`; without our own packet sent back."""
        return [part for part in objects(self.value) if not _is_echo(part)]

    @cached_property
    def fields(self) -> list[tuple[str, object]]:
        """Every name with its value, without those of our own packet sent back."""
        return list(everything(self.value, _is_echo))

    @cached_property
    def statuses(self) -> list[object]:
        """The values of the field that decides, without null and blank ones."""
        if self.rule.field:
            values = list(at(self.value, self.rule.field))
        else:
            values = [unwrapped(value) for result in self.results for value in result.named(STATUS)]
        return [value for value in values if value is not None and not (isinstance(value, str) and not value.strip())]

    @cached_property
    def messages(self) -> list[str]:
        """Every `Message` that is not blank."""
        values = [unwrapped(value) for result in self.results for value in result.named(MESSAGE)]
        return [value for value in values if isinstance(value, str) and value.strip()]

    @property
    def is_the_portals_own(self) -> bool:
        """Whether the portal itself answered, and not a gateway in front of it."""
        names = {plain(name) for name, _value in self.value} if isinstance(self.value, Pairs) else set()
        decisive = self.statuses if self.rule.field else [each for each in self.statuses if number(each) is not None]
        return bool(decisive) and not names & FRAMEWORK

    # ---- yes and no

    @property
    def says_yes(self) -> bool:
        if self.statuses:
            return all(self.rule.names(status) for status in self.statuses)
        # An `MResult` with only a `Message`: taken, unless that says no.
        return bool(self.messages) and not self.rule.field

    @cached_property
    def denials(self) -> list[tuple[str, object]]:
        """Everything that says no: its name and its value."""
        return list(self._denials())

    def _denials(self) -> Iterator[tuple[str, object]]:
        for status in self.statuses:
            if not self.rule.names(status) and _denies(status, bool(self.rule.field)):
                yield self.rule.field or "Status", status
        own = plain(self.rule.field.rpartition(".")[2])
        for name, value in self.fields:
            if plain(name) != own and _says_no(plain(name), unwrapped(value)):
                yield name, value
        if self.statuses:
            return
        yield from ((name, value) for name, value in self.codes if not self._is_well(value))
        if not self.rule.field:
            yield from ((MESSAGE, message) for message in self.messages if is_failure(message))

    @cached_property
    def codes(self) -> list[tuple[str, object]]:
        """Numbers that may stand for the outcome."""
        return [
            (name, unwrapped(value))
            for result in self.results
            for name, value in result
            if plain(name) in CODES and plain(name) != plain(self.rule.field)
        ]

    def _is_well(self, code: object) -> bool:
        value = number(code)
        if value is None:
            return not (isinstance(code, str) and is_failure(code))
        return value == 0 or 200 <= value <= 299 or self.rule.names(value)

    @property
    def trouble(self) -> bool:
        """Whether a number of HTTP's in it reports a failure of the portal itself."""
        numbers = [number(status) for status in self.statuses if not self.rule.names(status)]
        if not numbers:
            numbers = [number(value) for name, value in self.fields if plain(name) in CODES | ERRORS]
        return any(each in (408, 429) or (each is not None and 500 <= each <= 599) for each in numbers)

    @property
    def refuses_token(self) -> bool:
        """Whether the field that decides is 401: some portals do not use HTTP's codes."""
        return any(number(status) == 401 and not self.rule.names(status) for status in self.statuses)

    @cached_property
    def says_it_exists(self) -> bool:
        """Whether it says that the packet exists already, and not that the existing one was updated."""
        is_plain_text = not self.is_json and len(self.text) <= TEXT_READ and not HTML.match(self.text)
        texts = self.words or ([_composed(self.text)] if is_plain_text else [])
        return any(
            EXISTS.search(each)
            and not OF_OTHERS.search(each)
            and not (UPDATED.search(each) and not NOT_UPDATED.search(each))
            for each in texts
        )

    # ---- for people

    @cached_property
    def words(self) -> list[str]:
        """The texts for people in it, the portal's own first."""
        ranked = [
            (WORDS.index(plain(name)), _composed(value))
            for name, value in self.fields
            if plain(name) in WORDS
            and isinstance(value, str)
            and value.strip()
            # JSON inside a text is read, and not shown.
            and not isinstance(unwrapped(value), Pairs | list)
        ]
        if isinstance(self.value, str):
            ranked.append((0, _composed(self.value)))
        return list(dict.fromkeys(text for _rank, text in sorted(ranked, key=lambda each: each[0])))

    @cached_property
    def in_words(self) -> str:
        """The reply in words, without the punctuation of its format."""
        denied: dict[str, str] = {}
        for name, value in self.denials:
            for text in _details(value) if isinstance(value, Pairs | list) else [f"{name} {_shown(value)}"]:
                denied.setdefault(text.casefold(), text)
        shown = {word.casefold() for word in self.words}
        rest = [text for key, text in denied.items() if key not in shown and key.partition(" ")[2] not in shown]
        if parts := [*([", ".join(rest)] if rest else []), *self.words]:
            return ". ".join(text.removesuffix(".") for text in parts)
        if HTML.match(self.text):
            return NOT_READ.sub(" ", self.text[:TEXT_READ])
        if any(map(_is_echo, objects(self.value))):
            # The names only: the values are personal data.
            return ", ".join(name for name, _value in everything(self.value))
        return self.text


def _same(value: object, expected: object) -> bool:
    if isinstance(value, bool) or isinstance(expected, bool):
        return _truth(value) is not None and _truth(value) == _truth(expected)
    if (whole := number(value)) is not None:
        return whole == number(expected)
    if isinstance(value, str) and isinstance(expected, str):
        return value.strip().casefold() == expected.strip().casefold()
    return False


def _truth(value: object) -> bool | None:
    """Reads true and false, also as text; None for anything else."""
    if isinstance(value, bool):
        return value
    text = value.strip().casefold() if isinstance(value, str) else ""
    return True if text in TRUE else False if text in FALSE else None


def _denies(status: object, is_own_field: bool) -> bool:
    """Whether a value that does not say yes says no. In a field that the portal's row names, every such value does."""
    if is_own_field or number(status) is not None or status is False:
        return True
    return isinstance(status, str) and (_truth(status) is False or is_failure(status))


def _says_no(name: str, value: object) -> bool:
    """Whether a field that other software uses reports a failure; `name` in the form of `plain`."""
    if name in ERRORS:
        return not _is_nothing(value)
    if name in SUCCESSES:
        return _truth(value) is False or number(value) == 0
    return name in OUTCOMES and (value is False or (isinstance(value, str) and is_failure(value)))


def _is_nothing(value: object) -> bool:
    """Whether it is null, zero, blank, “none”, or contains only such values."""
    if isinstance(value, Pairs):
        return all(_is_nothing(unwrapped(inner)) for _name, inner in value)
    if isinstance(value, list):
        return all(_is_nothing(unwrapped(inner)) for inner in value)
    if isinstance(value, str):
        return value.strip().casefold() in NOTHING or number(value) == 0
    return value is None or value is False or value == 0


def is_failure(text: str) -> bool:
    """Whether a text for people reports a failure."""
    return bool(SAYS_NO.search(NO_FAILURE.sub(" ", _composed(text))))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _is_echo(part: Pairs) -> bool:
    names = {plain(name) for name, _value in part}
    return MESSAGE not in names and len(names & PACKET_NAMES) >= ECHO


def _details(value: object, name: str = "") -> Iterator[str]:
    """The texts in an object or list of errors, each with its name."""
    value = unwrapped(value)
    if isinstance(value, Pairs):
        for each, inner in value:
            yield from _details(inner, each)
    elif isinstance(value, list):
        for inner in value:
            yield from _details(inner, name)
    elif isinstance(value, str) and value.strip():
        yield f"{name}: {_composed(value)}" if name else _composed(value)


def _shown(value: object) -> str:
    return "false" if value is False else "true" if value is True else str(value).strip()[:60]
