"""Reconciliation: whatever got lost, here or at the portal, is found, named and put right."""

import csv
import sqlite3
import uuid
from contextlib import closing
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_httpserver import HTTPServer

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, State
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from packets.collecting.collect import collect
from packets.delivery.sender import deliver
from packets.dialects.qd1705.messages import Kind
from packets.models import Attempt, DeliveryState, Packet, PacketState, Portal
from packets.models.reasons import Reason
from packets.operations import put_back, resend
from packets.queue import db_clock
from packets.queue.outbox import claim, release_next
from packets.schemas.check import KINDS
from tests import people
from tests.packets.portals import a_portal, as_accepted, collected
from tests.practice_portal import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal() -> Portal:
    """Nobody listens there, and nobody may ask it."""
    return a_portal()


@pytest.fixture
def answering(practice_portal: Sandbox) -> Portal:
    """The practice portal, which tells what it took."""
    return a_portal(practice_portal.address, ledger_url=f"{practice_portal.address}/ledger")


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Where the practice portal keeps what it took."""
    return tmp_path / "sandbox.sqlite3"


def an_office() -> tuple[Dossier, Dossier]:
    """Two dossiers, one of them finished, and a published month: every kind of packet."""
    finished, accepted = people.a_dossier_in(State.RETURNED, files=[people.a_file()]), people.a_dossier()
    month = Period.month_of(timezone.now())
    publish(people.province(), month, month.end)
    return finished, accepted


def in_sql(statement: str) -> None:
    """In the office's database, past everything that guards it."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def at_portal(shelf: Path, statement: str, *values: object) -> int:
    with closing(sqlite3.connect(shelf)) as store, store:
        return store.execute(statement, values).rowcount


def clean(**options: Any) -> str:
    """What is said when nothing is left."""
    out = StringIO()
    call_command("reconcile", portal="practice", stdout=out, **options)
    assert "Không có khác biệt nào." in out.getvalue()
    return out.getvalue()


def differing(number: int, **options: Any) -> str:
    """What is said when so many differences are left."""
    out = StringIO()
    with pytest.raises(CommandError, match=f"Còn {number} khác biệt"):
        call_command("reconcile", portal="practice", stdout=out, **options)
    return out.getvalue()


def row(said: str, standing: str) -> list[int]:
    """A line of the table: document, trace, vote, statistic."""
    (line,) = (line for line in said.splitlines() if line.startswith(standing) and line[-1].isdigit())
    return [int(number) for number in line.split()[-4:]]


# ---- here


def test_a_portal_that_is_due_nothing_is_clean(portal: Portal) -> None:
    assert "practice: 0 bước xử lý và 0 kỳ số liệu phải báo cáo." in clean()


def test_whatever_waits_stands_still_or_was_given_up_with_a_reason_is_no_difference(portal: Portal) -> None:
    finished, accepted = an_office()
    collected(portal)
    claim(portal, 1)
    nameless = people.a_dossier()
    Dossier.objects.filter(pk=nameless.pk).update(applicant_name="")
    collected(portal)
    given_up = people.a_dossier()
    collected(portal)
    Packet.objects.filter(dossier=given_up, kind=Kind.TRACE).update(
        state=PacketState.GIVEN_UP, settled_at=timezone.now(), given_up_by=people.tu(), given_up_because="nhập nhầm"
    )
    as_accepted(Packet.objects.filter(dossier=accepted))
    said = clean()
    assert row(said, "đã được nhận") == [1, 1, 0, 0]
    assert row(said, "chờ gửi, đã có giờ hẹn")[0] + row(said, "đang gửi")[0] == 2
    assert row(said, "chờ gói đứng trước") == [0, 4, 0, 0]
    assert sum(row(said, "đang gửi")) == 1
    assert row(said, "dừng, có lý do") == [1, 0, 0, 0]
    assert row(said, "đã có gói mới hơn thay") == [finished.transitions.filter(accepted=True).count() - 1, 0, 0, 0]
    assert row(said, "đã bỏ") == [0, 1, 0, 0]
    assert "6 bước xử lý và 1 kỳ số liệu" in said


def test_documents_that_superseded_each_other_over_a_long_time_are_no_difference(portal: Portal) -> None:
    dossier = people.a_dossier()
    for officer in (people.binh(), people.ha(), people.binh()):
        collected(portal)
        lifecycle.hand_over(dossier, people.lan(), officer=officer)
    collected(portal)
    assert row(clean(), "đã có gói mới hơn thay") == [3, 0, 0, 0]


@pytest.mark.parametrize("lost", [[Kind.DOCUMENT], [Kind.TRACE], [Kind.DOCUMENT, Kind.TRACE]])
def test_a_move_of_which_a_packet_is_missing_gets_it(portal: Portal, lost: list[Kind]) -> None:
    dossier = people.a_dossier()
    people.a_dossier()
    collected(portal)
    Packet.objects.filter(dossier=dossier, kind__in=lost).delete()
    # Without its document a trace waits for nothing; without its trace nothing else is wrong.
    wrong = len(lost) + (lost == [Kind.DOCUMENT])
    said = differing(wrong)
    move = dossier.transitions.get(accepted=True)
    at = f"{timezone.localtime(move.at):%d/%m/%Y %H:%M:%S}"
    for kind in lost:
        assert f"{kind.label} {dossier.code} lúc {at}: chưa tạo gói" in said
    clean(resend=True)
    packets = Packet.objects.filter(dossier=dossier).order_by("position")
    assert [(packet.kind, packet.due_at is None) for packet in packets] == [("document", False), ("trace", True)]


def test_a_document_that_is_missing_after_its_trace_was_accepted_is_made_and_sent_anew(portal: Portal) -> None:
    dossier = people.a_dossier_in(State.RETURNED)
    collected(portal)
    as_accepted(Packet.objects.exclude(state=PacketState.SUPERSEDED))
    last = Packet.objects.get(kind=Kind.DOCUMENT, state=PacketState.ACCEPTED)
    Packet.objects.filter(kind=Kind.DOCUMENT, state=PacketState.SUPERSEDED).delete()
    last.delete()
    moves = dossier.transitions.filter(accepted=True).count()
    assert row(differing(moves), "chưa tạo gói") == [moves, 0, 0, 0]
    clean(resend=True)
    assert Packet.objects.get(kind=Kind.DOCUMENT, state=PacketState.READY).due_at is not None


@pytest.mark.parametrize("lost", [Kind.STATISTIC, Kind.VOTE])
def test_published_figures_of_which_a_packet_is_missing_get_it(portal: Portal, lost: Kind) -> None:
    an_office()
    collected(portal)
    Packet.objects.filter(kind=lost).delete()
    assert f"{lost.label} H22 " in differing(1)
    clean(resend=True)
    assert Packet.objects.filter(publication__isnull=False).count() == 2


def test_a_worker_s_own_collecting_makes_up_for_a_trace_alone(portal: Portal) -> None:
    """It must not fail for ever because the document of that move is there."""
    people.a_dossier()
    collected(portal)
    Packet.objects.filter(kind=Kind.TRACE).delete()
    assert collect(portal).ready == 1
    clean()


def test_a_stream_in_which_nothing_is_due_is_stuck(portal: Portal) -> None:
    dossier = people.a_dossier()
    collected(portal)
    in_sql("UPDATE packets_packet SET due_at = NULL")
    said = differing(1)
    assert f"hồ sơ {dossier.code}" in said
    assert "kẹt" in said
    assert row(said, "chờ gói đứng trước") == [0, 1, 0, 0]
    clean(resend=True)
    assert Packet.objects.get(kind=Kind.DOCUMENT).due_at is not None


def test_a_packet_that_was_superseded_by_nothing_is_resent(portal: Portal) -> None:
    people.a_dossier()
    collected(portal)
    in_sql("UPDATE packets_packet SET state = 'superseded', settled_at = collected_at, due_at = NULL")
    assert row(differing(2), "bị thay") == [1, 1, 0, 0]
    clean(resend=True)
    assert set(Packet.objects.values_list("state", flat=True)) == {"ready"}


def test_documents_that_supersede_each_other_in_a_circle_are_found(portal: Portal) -> None:
    people.a_dossier_in(State.RETURNED)
    collected(portal)
    newest = Packet.objects.get(kind=Kind.DOCUMENT, state=PacketState.READY)
    older = Packet.objects.filter(superseded_by=newest).first()
    Packet.objects.filter(pk=newest.pk).update(
        state=PacketState.SUPERSEDED, settled_at=timezone.now(), due_at=None, superseded_by=older
    )
    documents = Packet.objects.filter(kind=Kind.DOCUMENT).count()
    assert row(differing(documents + 1), "bị thay") == [documents, 0, 0, 0]
    clean(resend=True)


def test_a_document_superseded_by_another_dossier_s_is_found(portal: Portal) -> None:
    people.a_dossier_in(State.RETURNED)
    other = people.a_dossier()
    collected(portal)
    Packet.objects.filter(state=PacketState.SUPERSEDED).update(
        superseded_by=Packet.objects.get(dossier=other, kind=Kind.DOCUMENT)
    )
    assert row(differing(2), "bị thay") == [2, 0, 0, 0]


def test_a_step_is_never_superseded_even_by_a_newer_document(portal: Portal) -> None:
    people.a_dossier_in(State.RETURNED)
    collected(portal)
    newest = Packet.objects.get(kind=Kind.DOCUMENT, state=PacketState.READY)
    first = Packet.objects.filter(kind=Kind.TRACE).earliest("position")
    Packet.objects.filter(pk=first.pk).update(
        state=PacketState.SUPERSEDED, settled_at=timezone.now(), superseded_by=newest
    )
    assert row(differing(1), "bị thay") == [0, 1, 0, 0]


def test_a_document_made_late_for_an_earlier_move_may_take_the_place_of_a_later_one(portal: Portal) -> None:
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    collected(portal)
    Packet.objects.filter(transition=dossier.transitions.filter(accepted=True)[0]).delete()
    differing(2)
    clean(resend=True)
    document = Packet.objects.get(kind=Kind.DOCUMENT, state=PacketState.READY)
    assert document.transition == dossier.transitions.filter(accepted=True)[0]


def test_a_dry_run_says_what_would_be_done_and_does_nothing(portal: Portal) -> None:
    people.a_dossier()
    people.a_dossier()
    collected(portal)
    Packet.objects.filter(pk=Packet.objects.filter(kind=Kind.TRACE)[0].pk).delete()
    in_sql("UPDATE packets_packet SET due_at = NULL")
    said = differing(3, resend=True, dry_run=True)
    assert "Sẽ làm với 1 × chưa tạo gói: tạo gói." in said
    assert "Sẽ làm với 2 × kẹt" in said
    assert Packet.objects.count() == 3
    assert not Packet.objects.exclude(due_at=None).exists()


def test_of_many_differences_the_first_hundred_are_listed_and_all_written_to_a_file(
    portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("packets.management.commands.reconcile.LISTED", 3)
    for _number in range(3):
        people.a_dossier(applicant_name="=1+1")
    path = tmp_path / "khac.csv"
    said = differing(6, csv=path)
    assert said.count(": chưa tạo gói") == 3
    assert "… và 3 khác biệt nữa" in said
    heading, *lines = csv.reader(path.read_text(encoding="utf-8-sig").splitlines())
    assert heading[0] == "khác biệt"
    assert len(lines) == 6
    assert {line[2] for line in lines} == set(Dossier.objects.values_list("code", flat=True))
    with pytest.raises(CommandError, match="--csv"):
        clean(csv=tmp_path)


def test_it_takes_no_more_queries_for_more_dossiers(portal: Portal) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            clean()
        return len(made)

    an_office()
    collected(portal)
    few = queries()
    for _number in range(5):
        people.a_dossier_in(State.RETURNED)
    collected(portal)
    assert queries() == few


def test_nonsense_is_refused_and_a_paused_portal_is_left_alone(portal: Portal) -> None:
    for options, says in (({"portal": "khong-co"}, "khong-co"), ({"portal": "practice", "dry_run": True}, "--resend")):
        with pytest.raises(CommandError, match=says):
            call_command("reconcile", **options)
    Portal.objects.update(is_active=False)
    clean()
    with pytest.raises(CommandError, match="tạm dừng"):
        clean(resend=True)


# ---- at the portal


def test_what_the_portal_holds_is_compared_and_a_clean_office_gives_none(answering: Portal) -> None:
    an_office()
    collected(answering)
    deliver(answering)
    said = clean()
    assert "Cổng cho biết đã nhận 8 gói." in said
    assert row(said, "đã được nhận") == [2, 4, 1, 1]


def test_an_answer_that_got_lost_is_no_difference_while_the_packet_is_tried_again(
    answering: Portal, practice_portal: Sandbox
) -> None:
    people.a_dossier()
    collected(answering)
    practice_portal.misbehave([{"do": "lost"}])
    deliver(answering)
    practice_portal.behave()
    clean()


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_accepted_here_and_is_missing_there_goes_out_again_with_its_key(
    answering: Portal, practice_portal: Sandbox, shelf: Path, kind: str
) -> None:
    an_office()
    collected(answering)
    deliver(answering)
    lost = Packet.objects.filter(kind=kind, state=PacketState.ACCEPTED).latest("pk")
    assert at_portal(shelf, "DELETE FROM arrival WHERE key = ?", str(lost.key)) == 1
    said = differing(1)
    assert f"{Kind(kind).label} {lost.subject} lúc " in said
    assert "1 × đã nhận ở đây, Cổng không có" in said
    assert "đưa lại vào hàng chờ" in differing(1, resend=True, dry_run=True)
    attempts, links = Attempt.objects.count(), DeliveryState.objects.get().number
    clean(resend=True)
    assert (Attempt.objects.count(), DeliveryState.objects.get().number) == (attempts, links)
    assert deliver(answering).accepted == 1
    lost.refresh_from_db()
    assert lost.state == "accepted"
    assert [one["key"] for one in practice_portal.ledger()].count(str(lost.key)) == 1
    assert "1 lần nhận của gói" not in clean()
    call_command("verify_evidence", stdout=StringIO())


def test_a_portal_that_lost_everything_gets_it_all_again_each_dossier_before_its_steps(
    answering: Portal, practice_portal: Sandbox, shelf: Path
) -> None:
    dossier = people.a_dossier()
    for officer in (people.binh(), people.ha()):
        collected(answering)
        deliver(answering)
        lifecycle.hand_over(dossier, people.lan(), officer=officer)
    collected(answering)
    deliver(answering)
    people.a_dossier()
    collected(answering)
    at_portal(shelf, "DELETE FROM arrival WHERE kind <> 'token'")
    # Of the first dossier one of three documents is enough: the last.
    differing(1 + 3)
    clean(resend=True)
    assert deliver(answering).stopped == 0
    clean()
    held = [one["kind"] for one in practice_portal.ledger() if one["code"] == dossier.code]
    assert held == ["document", "trace", "trace", "trace"]
    call_command("verify_evidence", stdout=StringIO())


def test_an_older_document_is_needed_no_more_once_a_newer_one_is_on_its_way(answering: Portal, shelf: Path) -> None:
    dossier = people.a_dossier()
    collected(answering)
    deliver(answering)
    at_portal(shelf, "DELETE FROM arrival WHERE kind = 'document'")
    differing(1)
    lifecycle.start(dossier, people.binh())
    collected(answering)
    clean()
    first = Packet.objects.filter(kind=Kind.DOCUMENT).earliest("pk")
    assert put_back(answering, first.stream, [first.pk]) == 0
    claim(answering, 1)
    trace = Packet.objects.get(kind=Kind.TRACE, state=PacketState.ACCEPTED)
    assert put_back(answering, trace.stream, [trace.pk]) == 0


def test_a_steps_lost_there_comes_after_the_document_that_waits_here(answering: Portal, shelf: Path) -> None:
    dossier = people.a_dossier()
    collected(answering)
    deliver(answering)
    at_portal(shelf, "DELETE FROM arrival WHERE kind <> 'token'")
    lifecycle.start(dossier, people.binh())
    collected(answering)
    clean(resend=True)
    (first,) = Packet.objects.exclude(due_at=None)
    assert (first.kind, first.transition) == ("document", dossier.transitions.latest("pk"))
    delivered = deliver(answering)
    assert (delivered.accepted, delivered.stopped) == (3, 0)
    clean()


def test_a_step_that_goes_out_again_has_its_turn_before_the_later_one_that_was_due(portal: Portal) -> None:
    people.a_dossier_in(State.IN_PROGRESS)
    collected(portal)
    earlier, later = Packet.objects.filter(kind=Kind.TRACE).order_by("position")
    as_accepted(Packet.objects.exclude(pk=later.pk).exclude(state=PacketState.SUPERSEDED))
    release_next(portal, [later.stream], timezone.now())
    assert list(Packet.objects.exclude(due_at=None)) == [later]
    assert put_back(portal, earlier.stream, [earlier.pk]) == 1
    assert list(Packet.objects.exclude(due_at=None)) == [earlier]


def test_content_that_differs_there_and_packets_nobody_here_sent_are_for_people(
    answering: Portal, practice_portal: Sandbox, shelf: Path
) -> None:
    dossier = people.a_dossier()
    collected(answering)
    deliver(answering)
    at_portal(shelf, "UPDATE arrival SET digest = ? WHERE kind = 'trace'", "0" * 64)
    practice_portal.sign_in()
    body = practice_portal.held("document")[0]
    practice_portal.send("document", body, str(uuid.uuid4()))
    practice_portal.send("document", body)
    assert practice_portal.send("document", {}, str(uuid.uuid4())).status_code == 400
    said = differing(3)
    assert f"tiến trình {dossier.code} lúc " in said
    assert "1 × Cổng giữ một nội dung khác" in said
    assert said.count(f"hồ sơ {dossier.code}: Cổng có, ở đây không ai gửi") == 2
    assert "không tự sửa được" in differing(3, resend=True, dry_run=True)
    differing(3, resend=True)


def test_a_packet_that_stopped_here_although_the_portal_took_it_is_resent(
    answering: Portal, practice_portal: Sandbox
) -> None:
    people.a_dossier()
    collected(answering)
    practice_portal.misbehave([{"do": "lost"}])
    deliver(answering)
    practice_portal.behave()
    Packet.objects.filter(kind=Kind.DOCUMENT).update(
        state=PacketState.STOPPED, reason=Reason.GAVE_UP, due_at=None, lease=None
    )
    assert "Cổng đã nhận, ở đây gói đang dừng" in differing(1)
    clean(resend=True)
    deliver(answering)
    assert practice_portal.held("document")
    clean()


def test_an_earlier_message_of_a_packet_is_known_by_its_own_key(answering: Portal, practice_portal: Sandbox) -> None:
    dossier = people.a_dossier()
    collected(answering)
    practice_portal.misbehave([{"do": "lost"}])
    deliver(answering)
    practice_portal.behave()
    document = Packet.objects.get(kind=Kind.DOCUMENT)
    stopped = {"state": PacketState.STOPPED, "reason": Reason.GAVE_UP, "due_at": None}
    Packet.objects.filter(pk=document.pk).update(**stopped)
    Dossier.objects.filter(pk=dossier.pk).update(applicant_name="Lý Én")
    resend(document)
    deliver(answering)
    assert len(practice_portal.held("document")) == 2
    clean()


def test_what_was_accepted_only_after_the_portal_was_asked_need_not_be_in_its_answer(
    answering: Portal, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.a_dossier()
    collected(answering)
    deliver(answering)
    at_portal(shelf, "DELETE FROM arrival WHERE kind = 'trace'")
    differing(1)
    early = db_clock.now() - timedelta(hours=1)
    monkeypatch.setattr("packets.reconcile.ledger.db_clock.now", lambda: early)
    clean()


def test_a_portal_with_more_than_a_page_is_asked_to_the_end(
    answering: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("packets.dialects.qd1705.client.LEDGER_PAGE", 3)
    an_office()
    collected(answering)
    deliver(answering)
    assert "Cổng cho biết đã nhận 8 gói." in clean()


@pytest.mark.parametrize(
    ("status", "answer", "says"),
    [
        (500, "hỏng", Reason.SERVER_ERROR),
        (404, "không có", Reason.CONFIGURATION),
        (200, "<html>", Reason.UNREADABLE_REPLY),
        (200, '{"arrivals": {}, "last": 1}', Reason.UNREADABLE_REPLY),
        (401, "", Reason.TOKEN),
    ],
)
def test_a_portal_that_gives_no_proper_answer_is_said_to(
    httpserver: HTTPServer, status: int, answer: str, says: Reason
) -> None:
    httpserver.expect_request("/token").respond_with_json({"access_token": "t0", "expires_in": 3600})
    httpserver.expect_request("/ledger").respond_with_data(answer, status=status)
    a_portal(httpserver.url_for("").rstrip("/"), ledger_url=httpserver.url_for("/ledger?of=us"))
    with pytest.raises(CommandError, match=str(says.label)):
        clean()
    assert httpserver.log[-1][0].headers["Authorization"] == "Bearer t0"
    assert httpserver.log[-1][0].args["of"] == "us"
    assert httpserver.log[-1][0].args["bodies"] == "0"


def test_a_token_that_is_refused_is_renewed_before_it_is_given_up(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/token").respond_with_json({"access_token": "t0", "expires_in": 3600})
    httpserver.expect_oneshot_request("/ledger").respond_with_data("", status=401)
    httpserver.expect_request("/ledger").respond_with_json({"arrivals": [], "last": 0})
    a_portal(httpserver.url_for("").rstrip("/"), ledger_url=httpserver.url_for("/ledger"))
    assert "Cổng cho biết đã nhận 0 gói." in clean()
    assert [request.path for request, _reply in httpserver.log] == ["/token", "/ledger", "/token", "/ledger"]


def test_a_portal_that_gives_the_same_page_again_and_again_is_not_asked_for_ever(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/token").respond_with_json({"access_token": "t0", "expires_in": 3600})
    httpserver.expect_request("/ledger").respond_with_json(
        {"arrivals": [{"kind": "trace", "outcome": "accepted", "key": "x", "code": "H22-1"}], "last": 1}
    )
    a_portal(httpserver.url_for("").rstrip("/"), ledger_url=httpserver.url_for("/ledger"))
    assert "tiến trình H22-1: Cổng có, ở đây không ai gửi" in differing(1)


def test_a_portal_that_cannot_be_reached_is_said_to() -> None:
    a_portal(ledger_url="http://127.0.0.1:9/ledger")
    with pytest.raises(CommandError, match="không kết nối được"):
        clean()
