import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.deletion import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from onestop.catalog.models import SubmissionChannel
from onestop.common.append_only import AppendOnlyError
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Attachment, Dossier, State
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from packets.collecting.collect import collect, unreported_transitions
from packets.dialects.qd1705 import build
from packets.dialects.qd1705.messages import Kind, SyncDocument
from packets.models import Packet, PacketState, Portal
from packets.models.reasons import Reason
from packets.operations import resend
from packets.queue.outbox import claim
from tests import people
from tests.packets.portals import a_portal, as_accepted, collected, states

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def body(packet: Packet) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(packet.body)
    return decoded


def a_dossier_from_the_portal() -> Dossier:
    dossier = people.a_new_dossier(code="G22.99.01-260302-1234567", from_portal=True, channel=SubmissionChannel.ONLINE)
    lifecycle.register(dossier, None)
    return dossier


def test_an_acceptance_makes_a_document_and_a_trace_and_nothing_for_the_registration_before_it() -> None:
    people.a_dossier()
    collected(a_portal())
    assert [(p.kind, p.state) for p in Packet.objects.order_by("position")] == [
        ("document", "ready"),
        ("trace", "ready"),
    ]


def test_an_undone_move_is_reported_and_so_is_its_undoing() -> None:
    dossier, portal = people.a_dossier(), a_portal()
    lifecycle.ask_supplement(dossier, people.ha(), comment="Thiếu giấy chứng sinh", fees=[people.a_fee()])
    collected(portal)
    told = body(Packet.objects.get(kind=Kind.DOCUMENT, state=PacketState.READY))
    assert (told["Status"], told["HasSupplementary"]) == (8, "true")
    lifecycle.undo(dossier, people.ha())
    collected(portal)
    traces = [body(trace) for trace in Packet.objects.filter(kind=Kind.TRACE).order_by("position")]
    assert [(trace["Status"], trace["Comment"]) for trace in traces] == [
        (1, "tiếp nhận"),
        (8, "Thiếu giấy chứng sinh"),
        (1, "Hoàn tác “yêu cầu bổ sung”."),
    ]
    now = body(Packet.objects.get(kind=Kind.DOCUMENT, state=PacketState.READY))
    assert (now["Status"], now["HasSupplementary"]) == (1, "false")
    assert "Supplementaries" not in now


def test_collecting_twice_makes_nothing_twice() -> None:
    people.a_dossier()
    portal = a_portal()
    collected(portal)
    again = collected(portal)
    assert (again.ready, again.stopped, again.superseded) == (0, 0, 0)
    assert Packet.objects.count() == 2


def test_every_transition_has_its_own_trace_and_the_last_document_carries_the_whole_state() -> None:
    dossier = people.a_dossier_in(State.RETURNED)
    collected(a_portal())
    moves = list(dossier.transitions.filter(accepted=True))
    traces = list(Packet.objects.filter(kind=Kind.TRACE).order_by("position"))
    assert [trace.transition for trace in traces] == moves
    assert states(Kind.DOCUMENT) == ["ready"] + ["superseded"] * (len(moves) - 1)
    newest = Packet.objects.get(kind=Kind.DOCUMENT, state=PacketState.READY)
    assert newest.transition == moves[-1]
    assert newest.position < traces[0].position
    assert body(newest)["IsReturned"] == "true"
    superseded = Packet.objects.filter(state=PacketState.SUPERSEDED)
    assert {packet.superseded_by_id for packet in superseded} == {newest.pk}


def test_a_newer_document_takes_the_place_of_an_unsent_older_one() -> None:
    dossier = people.a_dossier()
    portal = a_portal()
    collected(portal)
    old = Packet.objects.get(kind=Kind.DOCUMENT)
    lifecycle.start(dossier, people.binh())
    collected(portal)
    old.refresh_from_db()
    new = Packet.objects.get(kind=Kind.DOCUMENT, state=PacketState.READY)
    assert (old.state, old.superseded_by, old.position) == ("superseded", new, new.position)


def test_a_document_on_its_way_or_accepted_is_not_superseded() -> None:
    dossier = people.a_dossier()
    portal = a_portal()
    collected(portal)
    (first,) = claim(portal, 10).packets
    lifecycle.hand_over(dossier, people.lan(), officer=people.binh())
    collected(portal)
    first.refresh_from_db()
    assert first.state == "sending"
    as_accepted(Packet.objects.filter(pk=first.pk))
    lifecycle.hand_over(dossier, people.lan(), officer=people.ha())
    collected(portal)
    first.refresh_from_db()
    assert first.state == "accepted"


def test_a_dossier_of_the_portal_is_reported_before_its_acceptance_and_when_refused() -> None:
    dossier = a_dossier_from_the_portal()
    portal = a_portal()
    collected(portal)
    assert body(Packet.objects.get(kind=Kind.DOCUMENT))["Status"] == 0
    lifecycle.refuse(dossier, people.lan(), comment="Không thuộc thẩm quyền")
    collected(portal)
    assert [body(trace)["Status"] for trace in Packet.objects.filter(kind=Kind.TRACE).order_by("position")] == [0, 4]


def test_what_is_registered_or_refused_at_the_counter_or_made_for_a_test_is_never_reported() -> None:
    people.a_dossier_in(State.REGISTERED)
    people.a_dossier_in(State.REFUSED)
    people.a_dossier(is_test=True)
    collected(a_portal())
    assert not Packet.objects.exists()


def test_a_portal_from_now_on_hears_nothing_of_before() -> None:
    early = people.a_dossier()
    portal = a_portal(since=timezone.now())
    late = people.a_dossier()
    collected(portal)
    assert {packet.dossier for packet in Packet.objects.all()} == {late}
    lifecycle.start(early, people.binh())
    collected(portal)
    assert body(Packet.objects.get(kind=Kind.TRACE, dossier=early))["Status"] == 1


def test_a_portal_of_one_province_hears_nothing_of_another() -> None:
    ours = people.a_dossier()
    people.a_dossier(agency=people.another_province(), by=people.root())
    portal = a_portal()
    portal.agencies.add(people.province())
    collected(portal)
    assert {packet.dossier for packet in Packet.objects.all()} == {ours}


def test_two_portals_each_get_their_own_packets() -> None:
    people.a_dossier()
    for code in ("one", "two"):
        collected(a_portal(code=code))
    assert Packet.objects.count() == 4
    assert len(set(Packet.objects.values_list("key", flat=True))) == 4


def test_a_commit_that_comes_late_is_found_whatever_its_number() -> None:
    """An id cursor would lose it: the packets of a later transition are already there."""
    early = people.a_dossier()
    people.a_dossier()
    portal = a_portal()
    collected(portal)
    Packet.objects.filter(dossier=early).delete()
    assert {move.dossier for move in unreported_transitions(portal)} == {early}


def test_a_wrong_dossier_stops_before_it_is_sent_and_says_which_fields() -> None:
    dossier = people.a_dossier()
    Dossier.objects.filter(pk=dossier.pk).update(applicant_name="")
    portal = a_portal()
    assert collected(portal).stopped == 1
    document = Packet.objects.get(kind=Kind.DOCUMENT)
    assert (document.state, document.reason) == ("stopped", Reason.INVALID)
    assert document.detail.startswith("CitizenName: ")
    assert list(Packet.objects.all().due(timezone.now()).first_of_stream()) == []


def test_mended_and_resent_a_stopped_packet_is_built_anew() -> None:
    dossier = people.a_dossier()
    Dossier.objects.filter(pk=dossier.pk).update(applicant_name="")
    collected(a_portal())
    document = Packet.objects.get(kind=Kind.DOCUMENT)
    resend(document)
    document.refresh_from_db()
    assert document.state == "stopped"
    Dossier.objects.filter(pk=dossier.pk).update(applicant_name="Lý Én")
    resend(document)
    document.refresh_from_db()
    assert (document.state, document.reason, body(document)["CitizenName"]) == ("ready", "", "Lý Én")
    assert resend(document) is False


def test_a_key_stays_with_its_content_and_changed_content_that_was_tried_gets_a_new_one() -> None:
    dossier = people.a_dossier(files=[people.a_file()])
    collected(a_portal())
    document = Packet.objects.get(kind=Kind.DOCUMENT)
    key = document.key
    refused = {"state": PacketState.STOPPED, "reason": Reason.REFUSED, "due_at": None, "tries": 1}
    Packet.objects.filter(pk=document.pk).update(**refused)
    resend(document)
    document.refresh_from_db()
    assert document.key == key
    Dossier.objects.filter(pk=dossier.pk).update(applicant_name="Lý Én")
    Packet.objects.filter(pk=document.pk).update(**refused)
    resend(document)
    document.refresh_from_db()
    assert document.key != key
    assert f"file:{document.key}:1" in document.body
    assert str(key) not in document.body


def test_a_portal_that_insists_on_files_gets_no_dossier_without_one() -> None:
    people.a_dossier()
    portal = a_portal(require_attachment=True)
    collected(portal)
    assert Packet.objects.get(kind=Kind.DOCUMENT).reason == Reason.NO_ATTACHMENT
    people.a_dossier(files=[people.a_file()])
    collected(portal)
    assert Packet.objects.filter(kind=Kind.DOCUMENT, state="ready").count() == 1


def test_a_portal_s_own_names_and_codes_are_used_on_the_wire() -> None:
    people.a_dossier(files=[people.a_file()])
    collected(a_portal(aliases={"Attachmentld": "AttachmentId"}, codes={"ReturnedType": {"0": 1, "1": 0}}))
    document = body(Packet.objects.get(kind=Kind.DOCUMENT))
    assert document["Attachments"][0]["AttachmentId"] == 1
    assert "Attachmentld" not in document["Attachments"][0]
    assert document["ReturnedType"] == 1


def test_a_published_month_makes_a_statistic_and_a_vote_and_a_year_a_statistic_alone() -> None:
    people.a_dossier()
    now = timezone.now() + timedelta(days=800)
    month = Period.month_of(timezone.now())
    publish(people.province(), month, now)
    publish(people.province(), Period(month.year), now)
    collected(a_portal())
    of = Packet.objects.filter(publication__isnull=False).order_by("pk")
    assert [(packet.kind, packet.publication.month) for packet in of if packet.publication] == [
        ("statistic", month.month),
        ("vote", month.month),
        ("statistic", 0),
    ]


def test_a_revision_waits_for_the_one_before_it_and_says_that_it_is_one() -> None:
    people.a_dossier()
    now = timezone.now() + timedelta(days=60)
    month = Period.month_of(timezone.now())
    portal = a_portal()
    publish(people.province(), month, now)
    people.a_dossier()
    publish(people.province(), month, now)
    collected(portal)
    first, second = Packet.objects.filter(kind=Kind.STATISTIC).order_by("position")
    assert (body(first)["Note"], body(second)["Note"]) == ("", "Số liệu điều chỉnh lần 1")
    assert first.stream == second.stream
    heads = Packet.objects.filter(kind=Kind.STATISTIC).first_of_stream()
    assert list(heads) == [first]


def test_collecting_takes_no_more_queries_for_more_dossiers() -> None:
    portal = a_portal()

    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            collect(portal)
        return len(made)

    people.a_dossier_in(State.RETURNED)
    few = queries()
    for _number in range(6):
        people.a_dossier_in(State.RETURNED, files=[people.a_file()])
    assert queries() == few


def test_what_was_reported_cannot_be_deleted_and_the_domain_has_no_way_to_a_packet() -> None:
    dossier = people.a_dossier()
    collected(a_portal())
    with pytest.raises(ProtectedError):
        dossier.delete()
    with pytest.raises(AppendOnlyError):
        dossier.transitions.all().delete()
    assert not [
        relation
        for relation in Dossier._meta.related_objects
        if relation.related_model is Packet and relation.related_name != "+"
    ]


def test_the_database_itself_refuses_a_second_packet_of_the_same_transition() -> None:
    people.a_dossier()
    collected(a_portal())
    packet = Packet.objects.get(kind=Kind.TRACE)
    twin = Packet(
        portal=packet.portal,
        kind=packet.kind,
        transition=packet.transition,
        dossier=packet.dossier,
        stream=packet.stream,
        position=packet.position,
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_a_client_secret_is_of_no_use_in_the_table() -> None:
    portal = a_portal(client_secret="rất bí mật")
    with connection.cursor() as cursor:
        cursor.execute("SELECT client_secret FROM packets_portal")
        ((stored,),) = cursor.fetchall()
    assert "bí mật" not in stored
    assert Portal.objects.get(pk=portal.pk).client_secret == "rất bí mật"


def test_a_record_that_no_packet_can_be_made_of_stops_alone_and_its_content_stays_out_of_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    odd, usual = people.a_dossier(identity_no="052190001234"), people.a_dossier()
    document = build.document

    def stumbling(dossier: Dossier, content: Callable[[Attachment], str]) -> SyncDocument:
        if dossier.pk == odd.pk:
            raise ValueError(dossier.identity_no)
        return document(dossier, content)

    monkeypatch.setattr(build, "document", stumbling)
    collected(a_portal())
    packets = Packet.objects.filter(kind=Kind.DOCUMENT)
    states = dict(packets.values_list("dossier", "state"))
    assert states == {odd.pk: PacketState.STOPPED, usual.pk: PacketState.READY}
    stopped = packets.get(dossier=odd)
    assert (stopped.reason, stopped.detail) == (Reason.BUILD_FAILED, "ValueError")
    assert "stumbling" in caplog.text
    assert "052190001234" not in caplog.text

    monkeypatch.undo()
    resend(stopped)
    stopped.refresh_from_db()
    assert (stopped.state, stopped.reason) == (PacketState.READY, "")
