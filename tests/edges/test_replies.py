"""What a portal's reply means for the packet. A public bug report becomes one line here.

`SHAPES` has whole conversations: the name of a reply (`packets.sandbox.shapes`), and how the packet ends when that is
the answer to its first try, to a repeat of a packet that was kept and whose answer was lost, to a newer document.
`REPLIES` has replies as they come, with the portal's rule: what is made of them at the first try and of a repeat.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from onestop.dossiers import lifecycle
from onestop.dossiers.models import State
from packets.desk.forms import PortalForm
from packets.dialects.qd1705.messages import Kind
from packets.dialects.qd1705.replies import ReplyRule, read
from packets.http.client import beginning, decoded
from packets.models import DeliveryState, Packet, Portal, usual_success_statuses
from packets.models.reasons import ADVICE, WHO, Reason
from packets.monitoring.health import Health
from packets.operations import put_back, resend
from packets.queue.outbox import LEASE, claim
from packets.sandbox import shapes
from tests import people
from tests.packets.delivery.test_sender import sent
from tests.packets.portals import a_portal, collected, hasten, in_time

from .receiver import LOST, OK, UNHEARD, Receiver, Says

# How a packet ends.
TAKEN, REFUSED, AGAIN, SET_UP, HELD = "taken", "refused", "again", "set up wrong", "already held"
ENDS: dict[str, tuple[str, set[str]]] = {
    TAKEN: ("accepted", {""}),
    REFUSED: ("stopped", {Reason.REFUSED}),
    HELD: ("stopped", {Reason.ALREADY_HELD}),
    SET_UP: ("ready", {Reason.CONFIGURATION}),
    AGAIN: ("ready", {Reason.UNREADABLE_REPLY, Reason.SERVER_ERROR, Reason.BUSY, Reason.TIMEOUT, Reason.LOGIN}),
}

SHAPES: list[tuple[str, str, str, str]] = [
    ("empty", TAKEN, TAKEN, TAKEN),
    ("blank", TAKEN, TAKEN, TAKEN),
    ("no-content", TAKEN, TAKEN, TAKEN),
    ("accepted-202", TAKEN, TAKEN, TAKEN),
    ("status-zero", TAKEN, TAKEN, TAKEN),
    ("status-one", TAKEN, TAKEN, TAKEN),
    ("status-200", TAKEN, TAKEN, TAKEN),
    ("created-201", TAKEN, TAKEN, TAKEN),
    ("lower-case", TAKEN, TAKEN, TAKEN),
    ("upper-case", TAKEN, TAKEN, TAKEN),
    ("status-in-text", TAKEN, TAKEN, TAKEN),
    ("zero-in-text", TAKEN, TAKEN, TAKEN),
    ("status-with-point", TAKEN, TAKEN, TAKEN),
    ("one-level-down", TAKEN, TAKEN, TAKEN),
    ("in-a-list-below", TAKEN, TAKEN, TAKEN),
    ("list-of-one", TAKEN, TAKEN, TAKEN),
    ("in-a-string", TAKEN, TAKEN, TAKEN),
    ("in-a-string-below", TAKEN, TAKEN, TAKEN),
    ("byte-order-mark", TAKEN, TAKEN, TAKEN),
    ("utf-16", TAKEN, TAKEN, TAKEN),
    ("windows-1258", TAKEN, TAKEN, TAKEN),
    ("large", TAKEN, TAKEN, TAKEN),
    ("as-html", TAKEN, TAKEN, TAKEN),
    ("message-alone", TAKEN, TAKEN, TAKEN),
    ("with-no-error", TAKEN, TAKEN, TAKEN),
    ("with-the-packet", TAKEN, TAKEN, TAKEN),
    ("no-400", REFUSED, REFUSED, REFUSED),
    ("no-lower-case", REFUSED, REFUSED, REFUSED),
    ("no-in-text", REFUSED, REFUSED, REFUSED),
    ("no-minus-one", REFUSED, REFUSED, REFUSED),
    ("no-false", REFUSED, REFUSED, REFUSED),
    ("no-word", REFUSED, REFUSED, REFUSED),
    ("no-one-level-down", REFUSED, REFUSED, REFUSED),
    ("no-below-a-yes", REFUSED, REFUSED, REFUSED),
    ("no-in-a-string", REFUSED, REFUSED, REFUSED),
    ("no-in-a-string-below", REFUSED, REFUSED, REFUSED),
    ("no-in-a-list", REFUSED, REFUSED, REFUSED),
    ("no-twice", REFUSED, REFUSED, REFUSED),
    ("no-utf-16", REFUSED, REFUSED, REFUSED),
    ("no-large", REFUSED, REFUSED, REFUSED),
    ("no-message-alone", REFUSED, REFUSED, REFUSED),
    ("error-code", REFUSED, REFUSED, REFUSED),
    ("error-code-in-text", REFUSED, REFUSED, REFUSED),
    ("error-beside-a-yes", REFUSED, REFUSED, REFUSED),
    ("errors-beside-a-yes", REFUSED, REFUSED, REFUSED),
    ("fault", REFUSED, REFUSED, REFUSED),
    ("success-false", REFUSED, REFUSED, REFUSED),
    ("success-false-in-text", REFUSED, REFUSED, REFUSED),
    ("http-400", REFUSED, REFUSED, REFUSED),
    ("http-400-page", REFUSED, REFUSED, REFUSED),
    ("http-422", REFUSED, REFUSED, REFUSED),
    ("http-413", REFUSED, REFUSED, REFUSED),
    ("http-409", REFUSED, REFUSED, REFUSED),
    ("http-400-saying-ok", REFUSED, REFUSED, REFUSED),
    ("duplicate-field", REFUSED, REFUSED, REFUSED),
    ("http-403-in-its-words", REFUSED, REFUSED, REFUSED),
    ("http-404-in-its-words", REFUSED, REFUSED, REFUSED),
    ("session-exists", REFUSED, REFUSED, REFUSED),
    ("page", AGAIN, AGAIN, AGAIN),
    ("broken", AGAIN, AGAIN, AGAIN),
    ("text-ok", AGAIN, AGAIN, AGAIN),
    ("string-ok", AGAIN, AGAIN, AGAIN),
    ("null", AGAIN, AGAIN, AGAIN),
    ("number", AGAIN, AGAIN, AGAIN),
    ("empty-list", AGAIN, AGAIN, AGAIN),
    ("empty-object", AGAIN, AGAIN, AGAIN),
    ("two-answers", AGAIN, AGAIN, AGAIN),
    ("other-words", AGAIN, AGAIN, AGAIN),
    ("result-null", AGAIN, AGAIN, AGAIN),
    ("success-true-alone", AGAIN, AGAIN, AGAIN),
    ("error-code-zero-alone", AGAIN, AGAIN, AGAIN),
    ("status-null", AGAIN, AGAIN, AGAIN),
    ("status-true", AGAIN, AGAIN, AGAIN),
    ("status-unknown-word", AGAIN, AGAIN, AGAIN),
    ("two-levels-down", AGAIN, AGAIN, AGAIN),
    ("the-packet-alone", AGAIN, AGAIN, AGAIN),
    ("endless", AGAIN, AGAIN, AGAIN),
    ("status-503", AGAIN, AGAIN, AGAIN),
    ("status-429", AGAIN, AGAIN, AGAIN),
    ("status-401", AGAIN, AGAIN, AGAIN),
    ("http-400-with-500", AGAIN, AGAIN, AGAIN),
    ("http-408", AGAIN, AGAIN, AGAIN),
    ("http-429", AGAIN, AGAIN, AGAIN),
    ("http-500", AGAIN, AGAIN, AGAIN),
    ("http-502-page", AGAIN, AGAIN, AGAIN),
    ("http-302", AGAIN, AGAIN, AGAIN),
    ("http-403", SET_UP, SET_UP, SET_UP),
    ("http-403-page", SET_UP, SET_UP, SET_UP),
    ("http-403-session-exists", SET_UP, SET_UP, SET_UP),
    ("http-404", SET_UP, SET_UP, SET_UP),
    ("http-404-gateway", SET_UP, SET_UP, SET_UP),
    ("http-404-framework", SET_UP, SET_UP, SET_UP),
    ("http-405", SET_UP, SET_UP, SET_UP),
    ("http-406", SET_UP, SET_UP, SET_UP),
    ("http-415", SET_UP, SET_UP, SET_UP),
    ("http-417", SET_UP, SET_UP, SET_UP),
    ("exists", HELD, TAKEN, HELD),
    ("exists-status-200", HELD, TAKEN, HELD),
    ("exists-message-alone", HELD, TAKEN, HELD),
    ("exists-below", HELD, TAKEN, HELD),
    ("exists-windows-1258", HELD, TAKEN, HELD),
    ("exists-400", HELD, TAKEN, HELD),
    ("exists-403", HELD, TAKEN, HELD),
    ("exists-409-text", HELD, TAKEN, HELD),
    ("exists-500-database", HELD, TAKEN, HELD),
]

# The standard's own words, and those that portals and gateways of their own have.
STANDARD = ReplyRule([0, 1, 200])
CODE_00 = ReplyRule(["00"], "result.code")
OK_WORD = ReplyRule(["OK", True], "outcome")
REPLIES: list[tuple[int, str, ReplyRule, str, str]] = [
    (200, '{"Status": "00", "Message": "OK"}', STANDARD, TAKEN, TAKEN),
    (200, '{"Status": null, "Message": "Đã nhận"}', STANDARD, TAKEN, TAKEN),
    (200, '{"Status": 0, "Message": "Không có lỗi"}', STANDARD, TAKEN, TAKEN),
    (200, '{"Message": "Cập nhật thành công, không có lỗi nào"}', STANDARD, TAKEN, TAKEN),
    (200, '{"Status": 0, "Message": "Hồ sơ đã tồn tại, đã cập nhật"}', STANDARD, TAKEN, TAKEN),
    (200, '{"Status": 200, "Message": "Hồ sơ đã tồn tại, không được cập nhật"}', STANDARD, HELD, TAKEN),
    (200, '{"Status": 0, "error": {"code": 0, "message": ""}}', STANDARD, TAKEN, TAKEN),
    (200, '{"Status": 0, "data": {"code": 77, "id": 12}}', STANDARD, TAKEN, TAKEN),
    (200, '{"Status": 0, "data": {"DocCode": "1", "Phone": "1", "IsSuccess": false}}', STANDARD, TAKEN, TAKEN),
    (200, '{"DocCode": "1", "Phone": "1", "IsSuccess": false}', STANDARD, AGAIN, AGAIN),
    (200, '{"Status": 0, "data": {"IsSuccess": false}}', STANDARD, REFUSED, REFUSED),
    (200, '"{}"', STANDARD, AGAIN, AGAIN),
    (200, '{"Status": 1.5}', STANDARD, AGAIN, AGAIN),
    (200, '{"Status": NaN}', STANDARD, AGAIN, AGAIN),
    (200, '{"Status": 1e400}', STANDARD, AGAIN, AGAIN),
    (200, '{"Status": ""}', STANDARD, AGAIN, AGAIN),
    (200, '{"Status": {}}', STANDARD, AGAIN, AGAIN),
    (200, '{"Status": [0]}', STANDARD, TAKEN, TAKEN),
    (200, '{"Message": null}', STANDARD, AGAIN, AGAIN),
    (200, "[" * 100_000, STANDARD, AGAIN, AGAIN),
    (200, '{"Status": ' + "9" * 5000 + "}", STANDARD, AGAIN, AGAIN),
    (200, '{"Status": 0, "faultstring": "Server was unable to process"}', STANDARD, REFUSED, REFUSED),
    (200, '{"Envelope": {"Body": {"Fault": {"faultstring": "Sai định dạng"}}}}', STANDARD, REFUSED, REFUSED),
    (200, '{"code": 1001, "message": "Mã thủ tục"}', STANDARD, REFUSED, REFUSED),
    (200, '{"code": 200, "message": "OK"}', STANDARD, TAKEN, TAKEN),
    (200, '{"maLoi": "05", "moTa": "Sai mã"}', STANDARD, REFUSED, REFUSED),
    (200, '{"Status": 0, "error": {"code": 503}}', STANDARD, AGAIN, AGAIN),
    (200, '{"message": "Không thành công"}', STANDARD, REFUSED, REFUSED),
    (200, '{"message": "Operation not successful"}', STANDARD, REFUSED, REFUSED),
    (200, "Hồ sơ đã tồn tại", STANDARD, AGAIN, AGAIN),
    (200, '"Hồ sơ đã tồn tại"', STANDARD, AGAIN, AGAIN),
    (400, '{"Status": 400, "Message": "Duplicate key \'Attachments\' in JSON"}', STANDARD, REFUSED, REFUSED),
    (400, '{"Status": 400, "Message": "Tệp đính kèm đã tồn tại"}', STANDARD, REFUSED, REFUSED),
    (400, '{"Status": 400, "Message": "Trường hợp này hồ sơ đã tồn tại"}', STANDARD, HELD, TAKEN),
    (403, '{"message": "User already exists in session"}', STANDARD, SET_UP, SET_UP),
    (403, '{"type": "about:blank", "title": "Forbidden", "status": 403}', STANDARD, SET_UP, SET_UP),
    (407, "", STANDARD, SET_UP, SET_UP),
    (410, "", STANDARD, REFUSED, REFUSED),
    (409, "", STANDARD, REFUSED, REFUSED),
    (500, "Violation of UNIQUE KEY constraint. Cannot insert duplicate key row in object", STANDARD, HELD, TAKEN),
    (500, "<html>duplicate key value</html>", STANDARD, AGAIN, AGAIN),
    (503, "Duplicate entry 'H22.001' for key 'code'", STANDARD, HELD, TAKEN),
    (200, '{"result": {"code": "00"}}', CODE_00, TAKEN, TAKEN),
    (200, '{"Result": [{"CODE": 0}]}', CODE_00, TAKEN, TAKEN),
    (200, '{"result": {"code": "12", "desc": "Sai"}}', CODE_00, REFUSED, REFUSED),
    (200, '{"result": {"code": "500"}}', CODE_00, AGAIN, AGAIN),
    (200, '{"result": {"code": null}}', CODE_00, AGAIN, AGAIN),
    (200, '{"Status": 0, "Message": "OK"}', CODE_00, AGAIN, AGAIN),
    (200, '{"message": "OK"}', CODE_00, AGAIN, AGAIN),
    (200, "{}", CODE_00, AGAIN, AGAIN),
    (200, "", CODE_00, TAKEN, TAKEN),
    (200, '{"result": {"code": "00"}, "error": "hết dung lượng"}', CODE_00, REFUSED, REFUSED),
    (200, '{"result": {"code": "05", "message": "Hồ sơ đã tồn tại"}}', CODE_00, HELD, TAKEN),
    (403, '{"result": {"code": "05"}}', CODE_00, REFUSED, REFUSED),
    (403, '{"Status": 403}', CODE_00, SET_UP, SET_UP),
    (200, '{"outcome": "ok"}', OK_WORD, TAKEN, TAKEN),
    (200, '{"outcome": true}', OK_WORD, TAKEN, TAKEN),
    (200, '{"outcome": "true"}', OK_WORD, TAKEN, TAKEN),
    (200, '{"outcome": 1}', OK_WORD, REFUSED, REFUSED),
    (200, '{"success": 1, "Status": 7}', ReplyRule([1], "success"), TAKEN, TAKEN),
    (200, '{"error_code": 1}', ReplyRule([1], "error_code"), TAKEN, TAKEN),
    (200, '{"error_code": 0}', ReplyRule([1], "error_code"), REFUSED, REFUSED),
]


@pytest.fixture(autouse=True)
def no_wait_is_drawn_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what waits may be tried again within the round that put it off."""
    monkeypatch.setattr("packets.delivery.settle.wait_before_next", lambda _tries, _asked: timedelta(minutes=1))


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def portal(db: None, receiver: Receiver) -> Iterator[Portal]:
    with receiver.listening() as address:
        yield a_portal(address, most_in_flight=1)


def shaped(name: str, *, keeps: bool) -> Says:
    shape = shapes.SHAPES[name]
    return Says(shape.status, shape.body, shape.head, keeps=keeps)


def the_document() -> Packet:
    return Packet.objects.filter(kind=Kind.DOCUMENT).exclude(state="superseded").order_by("-pk")[0]


def round_of_sending(portal: Portal) -> None:
    hasten(portal)
    sent(portal)


def assert_ended(receiver: Receiver, document: Packet, end: str) -> None:
    state, reasons = ENDS[end]
    assert (document.state, document.reason in reasons) == (state, True), (document.state, document.reason)
    if end in (REFUSED, HELD):
        assert not document.detail.startswith(("{", "[", '"')), "people are shown words, not JSON"
    for packet in Packet.objects.filter(state="accepted"):
        sealed = packet.attempts.get(outcome="accepted")
        assert (str(packet.key), sealed.digest) in receiver.kept, f"{packet} was never kept"


# ---- every shape, three times


def test_every_reply_that_the_practice_portal_knows_has_its_ends_here() -> None:
    assert [name for name, *_ends in SHAPES] == list(shapes.SHAPES)
    assert len(SHAPES) >= 60


@pytest.mark.parametrize(("name", "end"), [(name, first) for name, first, _repeat, _later in SHAPES])
def test_at_the_first_try(receiver: Receiver, portal: Portal, name: str, end: str) -> None:
    """The receiver keeps what it says yes to; what it says is there already is something else."""
    people.a_dossier()
    collected(portal)
    receiver.will_say(shaped(name, keeps=end == TAKEN))
    sent(portal)
    assert_ended(receiver, the_document(), end)


@pytest.mark.parametrize(("name", "end"), [(name, repeat) for name, _first, repeat, _later in SHAPES])
def test_of_a_repeat_whose_first_answer_was_lost(receiver: Receiver, portal: Portal, name: str, end: str) -> None:
    people.a_dossier()
    collected(portal)
    receiver.will_say(LOST)
    sent(portal)
    assert the_document().reason == Reason.UNREACHABLE
    receiver.will_say(shaped(name, keeps=end == TAKEN))
    round_of_sending(portal)
    assert_ended(receiver, the_document(), end)
    documents = receiver.sent("/Document/SyncDocument")
    assert len({(came.key, came.digest) for came in documents}) == 1, "a repeat is the same, byte for byte"


@pytest.mark.parametrize(("name", "end"), [(name, later) for name, _first, _repeat, later in SHAPES])
def test_of_a_newer_document(receiver: Receiver, portal: Portal, name: str, end: str) -> None:
    dossier = people.a_dossier()
    collected(portal)
    sent(portal)
    older = the_document()
    assert older.state == "accepted"
    lifecycle.start(dossier, people.binh())
    collected(portal)
    receiver.will_say(shaped(name, keeps=end == TAKEN))
    round_of_sending(portal)
    assert the_document() != older
    assert_ended(receiver, the_document(), end)


# ---- replies as they come


@pytest.mark.parametrize(("status", "text", "rule", "first", "repeat"), REPLIES)
def test_what_a_reply_means(status: int, text: str, rule: ReplyRule, first: str, repeat: str) -> None:
    for end, is_repeat in ((first, False), (repeat, True)):
        verdict = read(status, text, rule, repeat=is_repeat)
        assert (verdict.reason or "") in ENDS[end][1] | ({Reason.TOKEN} if end == AGAIN else set())


SAID: list[tuple[int, str, str]] = [
    (200, '{"Status": 400, "Message": "DocCode đã dùng."}', "Status 400. DocCode đã dùng"),
    (200, '{"error_code": 5, "message": "Sai mã"}', "error_code 5. Sai mã"),
    (200, '{"fault": {"code": 12, "message": "A", "description": "B"}}', "code 12. A. B"),
    (422, '{"errors": {"Phone": ["quá ngắn"], "Email": ["sai"]}}', "Phone: quá ngắn, Email: sai"),
    (400, "<html><style>p{}</style><body><p>Bad <b>Request</b></p>", "Bad Request"),
    (400, '{"Status": 400, "Message": "Số 052190001234 sai"}', "Status 400. Số … sai"),
    (200, '{"Status": 400, "Message": "\\ud83d và \\u0000"}', "Status 400. ? và"),
    (200, '{"Status": 400, "Message": "Sai \\u202emã"}', "Status 400. Sai mã"),
    (200, '{"DocCode": "1", "CitizenName": "Lan", "Phone": "1", "Status": 0}', "DocCode, CitizenName, Phone, Status"),
]


@pytest.mark.parametrize(("status", "text", "said"), SAID)
def test_people_are_shown_the_receiver_s_words(status: int, text: str, said: str) -> None:
    assert beginning(read(status, text, STANDARD).words) == said


CHARSETS: list[tuple[bytes, str, str]] = [
    ("Đã có".encode("utf-16"), "text/plain; charset=utf-16", "Đã có"),
    ('{"a": "Đ"}'.encode("utf-16-le"), "application/json", '{"a": "Đ"}'),
    ('{"a": "Đ"}'.encode("utf-32-be"), "application/json; charset=utf-8", '{"a": "Đ"}'),
    ("\ufeffĐ".encode(), "application/json; charset=windows-1258", "Đ"),
    ("Đ".encode("cp1258"), 'text/plain; charset="Windows-1258"', "Đ"),
    ("Đ".encode(), "text/plain; charset=us-ascii", "Đ"),
    ("Đ".encode(), "text/plain; charset=no-such", "Đ"),
    (b"OK", "text/plain; charset=base64", "OK"),
    (b"\xff\xfe\x00", "text/plain; charset=\x00", "\ufffd\ufffd\x00"),
    (b"", "", ""),
]


@pytest.mark.parametrize(("content", "content_type", "text"), CHARSETS)
def test_the_charset_is_the_one_that_the_bytes_show_or_the_head_names(
    content: bytes, content_type: str, text: str
) -> None:
    assert decoded(content, content_type) == text


# ---- who was sent before without an answer


HELD_THERE = shaped("exists", keeps=False)


def test_a_worker_that_was_killed_may_have_sent_it(receiver: Receiver, portal: Portal) -> None:
    """Nothing was written down of its try; its lease ran out."""
    people.a_dossier()
    collected(portal)
    killed = claim(portal, 10).packets[0]
    receiver.will_say(shaped("exists", keeps=True))
    with in_time(timezone.now() + LEASE + timedelta(seconds=1)):
        sent(portal)
        assert (the_document().pk, the_document().state) == (killed.pk, "accepted")


UNSENT: list[tuple[str, dict[str, Any]]] = [
    ("nobody listened", {"base_url": "http://127.0.0.1:9"}),
    ("no such host", {"base_url": "http://no-such-host.invalid"}),
    ("no token to be had", {"token_url": "http://127.0.0.1:9/token"}),
]


@pytest.mark.parametrize(("why", "wrong"), UNSENT, ids=[why for why, _wrong in UNSENT])
def test_what_never_left_was_not_sent_before(
    receiver: Receiver, portal: Portal, why: str, wrong: dict[str, Any]
) -> None:
    right = {name: getattr(portal, name) for name in wrong}
    people.a_dossier()
    collected(portal)
    Portal.objects.update(**wrong)
    sent(portal)
    assert (the_document().state, the_document().tries) == ("ready", 1)
    Portal.objects.update(**right)
    receiver.will_say(HELD_THERE)
    round_of_sending(portal)
    assert_ended(receiver, the_document(), HELD)


ANSWERED_NO: list[str] = ["http-429", "http-403", "status-401", "exists-500-database", "exists-400"]


@pytest.mark.parametrize("name", ANSWERED_NO)
def test_a_portal_that_said_it_did_not_take_it_has_answered(receiver: Receiver, portal: Portal, name: str) -> None:
    people.a_dossier()
    collected(portal)
    receiver.will_say(shaped(name, keeps=False))
    sent(portal)
    if the_document().state == "stopped":
        assert resend(the_document())
    receiver.will_say(HELD_THERE)
    round_of_sending(portal)
    assert_ended(receiver, the_document(), HELD)


MAY_HAVE_KEPT: list[str] = ["http-500", "http-502-page", "status-503", "page", "broken", "other-words", "endless"]


@pytest.mark.parametrize("name", MAY_HAVE_KEPT)
def test_a_portal_that_gave_no_answer_of_its_own_may_have_kept_it(
    receiver: Receiver, portal: Portal, name: str
) -> None:
    people.a_dossier()
    collected(portal)
    receiver.will_say(shaped(name, keeps=True))
    sent(portal)
    receiver.will_say(HELD_THERE)
    round_of_sending(portal)
    assert_ended(receiver, the_document(), TAKEN)


def test_a_repeat_of_a_newer_document_may_be_taken_for_the_older_one(receiver: Receiver, portal: Portal) -> None:
    dossier = people.a_dossier()
    collected(portal)
    sent(portal)
    lifecycle.start(dossier, people.binh())
    collected(portal)
    receiver.will_say(UNHEARD, HELD_THERE)
    round_of_sending(portal)
    round_of_sending(portal)
    assert_ended(receiver, the_document(), HELD)


def test_an_older_document_that_may_be_there_though_it_was_replaced(receiver: Receiver, portal: Portal) -> None:
    dossier = people.a_dossier()
    collected(portal)
    receiver.will_say(LOST)
    sent(portal)
    lifecycle.start(dossier, people.binh())
    collected(portal)
    assert Packet.objects.filter(kind=Kind.DOCUMENT, state="superseded").exists()
    receiver.will_say(UNHEARD, HELD_THERE)
    round_of_sending(portal)
    round_of_sending(portal)
    assert_ended(receiver, the_document(), HELD)


def test_content_that_was_changed_is_not_what_was_sent_before(receiver: Receiver, portal: Portal) -> None:
    dossier = people.a_dossier()
    collected(portal)
    receiver.will_say(LOST, shaped("no-400", keeps=False))
    sent(portal)
    round_of_sending(portal)
    type(dossier).objects.update(applicant_name="Nguyễn Thị Hoa")
    key = the_document().key
    assert resend(the_document())
    assert the_document().key != key
    receiver.will_say(UNHEARD, HELD_THERE)
    round_of_sending(portal)
    round_of_sending(portal)
    assert_ended(receiver, the_document(), HELD)


def test_a_step_is_itself_alone_whatever_other_steps_are_there(receiver: Receiver, portal: Portal) -> None:
    dossier = people.a_dossier()
    collected(portal)
    sent(portal)
    lifecycle.start(dossier, people.binh())
    collected(portal)
    receiver.for_others = LOST
    round_of_sending(portal)
    receiver.for_others = HELD_THERE
    round_of_sending(portal)
    assert set(Packet.objects.filter(kind=Kind.TRACE).values_list("state", flat=True)) == {"accepted"}


def test_what_was_taken_and_turned_out_to_be_missing_is_there_after_all(receiver: Receiver, portal: Portal) -> None:
    dossier = people.a_dossier()
    collected(portal)
    sent(portal)
    assert put_back(portal, f"dossier/{dossier.pk}", [the_document().pk]) == 1
    receiver.will_say(HELD_THERE)
    round_of_sending(portal)
    assert the_document().state == "accepted"


def test_resending_what_is_already_held_is_known_to_come_to_the_same(receiver: Receiver, portal: Portal) -> None:
    people.a_dossier()
    collected(portal)
    receiver.will_say(HELD_THERE)
    sent(portal)
    document = the_document()
    for _time in range(2):
        assert resend(document)
        round_of_sending(portal)
        document = the_document()
        assert_ended(receiver, document, HELD)
    assert document.detail == "Status 7. Hồ sơ đã tồn tại"
    assert "Cổng" in str(ADVICE[Reason.ALREADY_HELD])
    assert WHO[Reason.ALREADY_HELD]


# ---- what is asked


def test_a_portal_is_asked_for_json(receiver: Receiver, portal: Portal) -> None:
    people.a_dossier()
    collected(portal)
    sent(portal)
    assert {came.headers["accept"] for came in receiver.came} == {"application/json"}


# ---- the portal's own configuration


def test_a_wrong_address_stops_no_packet_and_is_one_alarm(receiver: Receiver, portal: Portal) -> None:
    for _number in range(8):
        people.a_dossier()
    collected(portal)
    receiver.will_say(shaped("http-404-gateway", keeps=False))
    sent(portal)
    assert not Packet.objects.filter(state="stopped").exists()
    delivery = DeliveryState.objects.get()
    assert delivery.resting_until is not None
    assert delivery.resting_until > timezone.now()
    health = Health.of(Portal.objects.select_related("delivery").get(), Packet.objects.all(), timezone.now())
    assert health.light == "red"
    assert str(ADVICE[Reason.CONFIGURATION]) in health.in_words()
    receiver.will_say(OK)
    hasten(portal)
    assert sent(portal).accepted == 16


def test_a_portal_that_forbids_what_it_knows_no_more_is_signed_in_to_anew(receiver: Receiver, portal: Portal) -> None:
    """Some say 403 of a token that they have forgotten, and never 401."""
    people.a_dossier()
    collected(portal)
    receiver.will_say(shaped("http-403", keeps=False))
    sent(portal)
    assert the_document().reason == Reason.CONFIGURATION
    receiver.will_say(OK)
    round_of_sending(portal)
    assert the_document().state == "accepted"
    assert len(receiver.sent("/token")) == 2


def test_a_refusal_longer_than_anybody_reads_is_a_refusal(receiver: Receiver, portal: Portal) -> None:
    people.a_dossier()
    collected(portal)
    receiver.will_say(Says(400, b"x" * (5 * 1024 * 1024), keeps=False))
    sent(portal)
    assert_ended(receiver, the_document(), REFUSED)


# ---- where a portal says yes


WRONG_RULES: list[tuple[str, object, str]] = [
    ("", ["OK"], "success_statuses"),
    ("", [0, True], "success_statuses"),
    ("result..code", [0], "success_field"),
    (".code", [0], "success_field"),
    ("result code", [0], "success_field"),
    ("code", [], "success_statuses"),
    ("code", "00", "success_statuses"),
    ("code", [None], "success_statuses"),
    ("code", [1.5], "success_statuses"),
    ("code", [" "], "success_statuses"),
    ("code", {"0": 1}, "success_statuses"),
]


def typed(portal: Portal, **changes: Any) -> PortalForm:
    class FilledIn(PortalForm):
        # A portal of all agencies is the superuser's to set up.
        user = people.root()

    form = FilledIn(instance=portal)
    data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    data |= {name: json.dumps(data[name]) for name in ("aliases", "codes", "success_statuses")} | changes
    return FilledIn({name: value for name, value in data.items() if value is not None}, instance=portal)


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "values", "field"), WRONG_RULES)
def test_a_rule_that_makes_no_sense_is_turned_down_at_every_door(path: str, values: object, field: str) -> None:
    portal = a_portal()
    form = typed(portal, success_field=path, success_statuses=json.dumps(values))
    assert list(form.errors) == [field]
    portal.success_field, portal.success_statuses = path, values
    with pytest.raises(ValidationError) as refused:
        portal.full_clean()
    assert list(refused.value.message_dict) == [field]


@pytest.mark.django_db
def test_the_form_takes_a_portal_s_own_words() -> None:
    form = typed(a_portal(), success_field="result.code", success_statuses='["00", true, 7]', token_auth="basic")
    assert not form.errors
    assert form.save().success_statuses == ["00", True, 7]


HERE = "http://127.0.0.1:9"
ADD = ("add_portal", "own", "--base-url", HERE, "--token-url", f"{HERE}/token", "--client-id", "a")


@pytest.mark.django_db
def test_the_command_takes_a_portal_s_own_words() -> None:
    call_command(*ADD, "--client-secret", "b", "--success-field", "result.code", "--success-value", "00")
    portal = Portal.objects.get()
    assert (portal.success_field, portal.token_auth) == ("result.code", "body")
    assert ReplyRule(portal.success_statuses).names("00")
    assert not ReplyRule(portal.success_statuses).names("01")
    with pytest.raises(CommandError, match="success_field"):
        call_command(*ADD, "--client-secret", "b", "--success-field", "a..b")


@pytest.mark.django_db
def test_a_new_portal_is_read_by_the_standard() -> None:
    portal = a_portal()
    assert (portal.success_field, portal.success_statuses) == ("", usual_success_statuses())


def test_a_portal_that_says_yes_in_its_own_words(receiver: Receiver, portal: Portal) -> None:
    Portal.objects.update(success_field="result.code", success_statuses=["00"])
    own = replace(OK, body=b'{"result": {"code": 0, "desc": "Success"}}')
    receiver.will_say(own)
    receiver.for_others = own
    people.a_dossier_in(State.RETURNED)
    collected(portal)
    assert sent(portal).accepted == 4
    no = replace(OK, body=b'{"result": {"code": "17", "desc": "Success"}}', keeps=False)
    receiver.will_say(no)
    people.a_dossier()
    collected(portal)
    sent(portal)
    assert_ended(receiver, the_document(), REFUSED)
    assert the_document().detail == "result.code 17"
