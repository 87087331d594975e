"""The chain of evidence: whatever is changed afterwards is found, by the office itself and by anybody with Python."""

import json
import resource
import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from pytest_httpserver import HTTPServer

from onestop.dossiers.models import Attachment, State
from packets.delivery.sender import deliver
from packets.delivery.settle import as_link
from packets.dialects.qd1705.messages import Kind
from packets.evidence import chain
from packets.models import Attempt, DeliveryState, Packet, PacketState, Portal
from packets.models.reasons import Reason
from packets.operations import put_back, resend
from tests import people
from tests.packets.portals import a_portal, an_attempt, as_accepted, collected

pytestmark = pytest.mark.django_db

CHAIN = Path(chain.__file__)


@pytest.fixture
def portal(httpserver: HTTPServer) -> Portal:
    """Takes whatever it is sent."""
    httpserver.expect_request("/token").respond_with_json({"access_token": "t0", "expires_in": 3600})
    for path in ("/Document/SyncDocument", "/Document/UpdateDocumentTraces"):
        httpserver.expect_request(path).respond_with_json({"Status": 0, "Message": "OK"})
    return a_portal(httpserver.url_for("").rstrip("/"))


@pytest.fixture
def chained(portal: Portal) -> Portal:
    """Three dossiers reported, the first with a file: six links, no more than one dossier's in a row."""
    people.a_dossier(files=[people.a_file()])
    people.a_dossier()
    people.a_dossier()
    collected(portal)
    assert deliver(portal).accepted == 6
    return portal


def verified(**options: Any) -> str:
    out = StringIO()
    call_command("verify_evidence", stdout=out, **options)
    return out.getvalue()


def faults(**options: Any) -> list[str]:
    """What is wrong, line by line; the command must have failed."""
    out = StringIO()
    with pytest.raises(CommandError, match="không còn nguyên vẹn"):
        call_command("verify_evidence", stdout=out, **options)
    return [line for line in out.getvalue().splitlines() if not line.startswith("practice:")]


def link(number: int) -> Attempt:
    return Attempt.objects.select_related("packet").get(number=number)


def seal_anew() -> None:
    """What a forger with the database in hand would do after a change."""
    seal, number = chain.BEGINNING, 0
    for number, attempt in enumerate(Attempt.objects.filter(number__isnull=False).order_by("number"), start=1):
        attempt.number = number
        seal = chain.seal(seal, as_link(attempt.portal, attempt.packet, attempt))
        Attempt.objects.filter(pk=attempt.pk).update(number=number, seal=seal)
    DeliveryState.objects.update(number=number, seal=seal)


def anchor(number: int) -> str:
    return f"{number}:{link(number).seal}"


def alone(export: Path, *options: str, memory: int = resource.RLIM_INFINITY) -> tuple[int, str]:
    """The checker as somebody else runs it: elsewhere, with Python's own library and nothing else."""
    ran = subprocess.run(  # noqa: S603 our own program
        [sys.executable, "-I", "-S", str(CHAIN), str(export), *options],
        cwd=export.parent,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory)),
    )
    return ran.returncode, ran.stdout + ran.stderr


# ---- sound


def test_a_sound_chain_is_told_with_its_end(chained: Portal) -> None:
    said = verified()
    assert f"practice: 6 mắt xích, 0 lỗi. Cuối chuỗi: {anchor(6)}" in said
    assert "nội dung của 1 gói có tệp chưa được so" in said
    assert "chưa được so" not in verified(files=True)


def test_a_portal_without_anything_accepted_has_a_sound_chain() -> None:
    a_portal()
    assert f"0 mắt xích, 0 lỗi. Cuối chuỗi: 0:{chain.BEGINNING}" in verified()


def test_a_seal_that_was_written_down_is_found_again_after_the_chain_has_grown(chained: Portal) -> None:
    written_down = anchor(6)
    people.a_dossier()
    collected(chained)
    deliver(chained)
    assert "dấu đã ghi lại của #6 nằm trong chuỗi" in verified(anchor=written_down)


def test_what_was_accepted_before_there_was_a_chain_is_counted_apart(chained: Portal) -> None:
    people.a_dossier()
    collected(chained)
    early = Packet.objects.filter(state=PacketState.READY)
    for packet in early:
        an_attempt(packet, outcome="accepted", reason="")
    as_accepted(early)
    assert "2 gói được nhận từ trước khi có chuỗi" in verified()


def test_a_packet_that_went_out_twice_is_in_the_chain_twice(chained: Portal) -> None:
    packet = link(4).packet
    put_back(chained, packet.stream, [packet.pk])
    assert "1 lần nhận của gói đã được đưa lại vào hàng chờ" in verified()
    deliver(chained)
    assert "7 mắt xích, 0 lỗi" in verified()
    assert set(packet.attempts.values_list("number", flat=True)) == {4, 7}
    Packet.objects.filter(pk=packet.pk).update(state=PacketState.SUPERSEDED)
    (fault,) = faults()
    assert fault.startswith("practice #7")


def test_a_packet_that_went_out_again_is_not_accepted_because_it_once_was(chained: Portal) -> None:
    packet = link(4).packet
    put_back(chained, packet.stream, [packet.pk])
    as_accepted(Packet.objects.filter(pk=packet.pk))
    (fault,) = faults()
    assert f"gói {packet.pk}" in fault
    assert "không có mắt xích nào của lần nhận đó" in fault


def test_a_packet_that_went_out_again_with_other_content_is_held_to_its_last_message(chained: Portal) -> None:
    document = Packet.objects.filter(kind=Kind.DOCUMENT).last()
    assert document is not None
    put_back(chained, document.stream, [document.pk])
    Packet.objects.filter(pk=document.pk).update(state=PacketState.STOPPED, reason=Reason.REFUSED, due_at=None)
    assert document.dossier is not None
    type(document.dossier).objects.update(applicant_name="Lý Én")
    resend(document)
    deliver(chained)
    assert "7 mắt xích, 0 lỗi" in verified()
    Packet.objects.filter(pk=document.pk).update(body="{}")
    (fault,) = faults()
    assert "#7" in fault
    assert "nội dung" in fault


def test_many_pages_are_one_chain(chained: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packets.evidence.verify.PAGE", 2)
    assert "6 mắt xích, 0 lỗi" in verified()


# ---- tampered with

CHANGES: dict[str, Callable[[], dict[str, Any]]] = {
    "portal": lambda: {"portal": a_portal(code="other")},
    "packet": lambda: {"packet": link(4).packet},
    "key": lambda: {"key": uuid.uuid4()},
    "digest": lambda: {"digest": "0" * 64},
    "at": lambda: {"at": link(3).at + timedelta(microseconds=1)},
    "milliseconds": lambda: {"milliseconds": link(3).milliseconds + 1},
    "outcome": lambda: {"outcome": "retry"},
    "reason": lambda: {"reason": Reason.REFUSED},
    "http_status": lambda: {"http_status": 201},
    "reply": lambda: {"reply": "OK."},
    "recorded_at": lambda: {"recorded_at": link(3).recorded_at + timedelta(microseconds=1)},
    "number": lambda: {"number": 99},
    "seal": lambda: {"seal": "0" * 64},
    "taken out of the chain": lambda: {"number": None, "seal": ""},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_link_of_which_anything_was_changed_is_named(chained: Portal, change: Callable[[], dict[str, Any]]) -> None:
    Attempt.objects.filter(number=3).update(**change())
    assert "#3" in "\n".join(faults()) or "#4, gói" in "\n".join(faults())


def test_no_field_of_a_link_is_left_out_of_the_test_above() -> None:
    assert {field.name for field in Attempt._meta.fields} - {"id"} <= CHANGES.keys()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"body": '{"a": 1}'}, "nội dung lưu của gói"),
        ({"kind": "vote"}, "dấu không khớp"),
        ({"key": uuid.UUID(int=1)}, "mã chống gửi trùng"),
        ({"state": "superseded"}, "không còn ở trạng thái đã nhận"),
        ({"state": "ready", "settled_at": None}, "không còn ở trạng thái đã nhận"),
        ({"settled_at": timezone.now() + timedelta(days=1)}, "lúc ghi"),
    ],
    ids=["body", "kind", "key", "settled otherwise", "not settled", "settled at"],
)
def test_a_packet_that_is_not_what_was_accepted_is_named(chained: Portal, change: dict[str, Any], says: str) -> None:
    packet = Packet.objects.get(kind=Kind.TRACE, attempts__number=4)
    Packet.objects.filter(pk=packet.pk).update(**change)
    (first, *_more) = faults()
    assert first.startswith(f"practice #4, gói {packet.pk} (")
    assert says in "\n".join(faults())


def test_a_packet_that_was_moved_to_another_portal_is_named(chained: Portal) -> None:
    Packet.objects.filter(attempts__number=4).update(portal=a_portal(code="other"))
    assert "practice #4" in faults(portal="practice")[0]


def test_a_packet_of_another_record_is_named(chained: Portal) -> None:
    trace = Packet.objects.get(kind=Kind.TRACE, attempts__number=4)
    people.a_dossier_in(State.RETURNED)
    other = people.a_dossier().transitions.get(accepted=True)
    Packet.objects.filter(pk=trace.pk).update(transition=other)
    (fault,) = faults()
    assert "#4" in fault
    assert "dấu không khớp" in fault


def test_a_link_that_is_missing_leaves_a_gap(chained: Portal) -> None:
    packet = link(3).packet
    Attempt.objects.filter(number=3).delete()
    first, second = faults()
    assert "#4" in first
    assert "không nối tiếp" in first
    assert f"gói {packet.pk}" in second
    assert "không có mắt xích nào của lần nhận đó" in second


def test_a_missing_end_is_found_although_the_rest_is_sound(chained: Portal) -> None:
    Attempt.objects.filter(number=6).delete()
    assert "cuối chuỗi là #5" in faults()[0]


def test_an_end_that_was_forgotten_in_the_channel_is_found(chained: Portal) -> None:
    DeliveryState.objects.update(number=5, seal=link(5).seal)
    (fault,) = faults()
    assert "#6" in fault
    assert "nằm sau cuối chuỗi" in fault


def test_two_links_that_changed_places_are_found(chained: Portal) -> None:
    for now, then in ((2, 99), (5, 2), (99, 5)):
        Attempt.objects.filter(number=now).update(number=then)
    said = faults()
    assert [fault.split(",")[0] for fault in said] == ["practice #2", "practice #3", "practice #5", "practice #6"]


def test_a_chain_that_was_sealed_anew_after_a_change_is_found_by_the_anchor_alone(chained: Portal) -> None:
    written_down = anchor(5)
    Attempt.objects.filter(number=3).update(milliseconds=9_999)
    seal_anew()
    assert "0 lỗi" in verified()
    (fault,) = faults(anchor=written_down)
    assert "#5" in fault
    assert "đóng dấu lại" in fault


def test_a_chain_that_was_cut_short_and_sealed_anew_ends_before_the_anchor(chained: Portal) -> None:
    written_down, packet = anchor(6), link(6).packet
    Attempt.objects.filter(number=6).delete()
    Packet.objects.filter(pk=packet.pk).update(state=PacketState.READY, settled_at=None)
    seal_anew()
    assert "0 lỗi" in verified()
    assert "kết thúc trước số đã ghi lại" in faults(anchor=written_down)[0]


def test_files_are_read_only_when_asked_and_then_each_must_be_what_was_sent(chained: Portal) -> None:
    file = Attachment.objects.get()
    Path(file.file.path).write_bytes(b"%PDF-1.7 noi dunG")
    assert "0 lỗi" in verified()
    (changed,) = faults(files=True)
    assert "tệp đính kèm không còn nguyên vẹn" in changed
    Path(file.file.path).unlink()
    assert "đơn.pdf" in faults(files=True)[0]
    Attachment.objects.all().delete()
    assert "không còn nguyên vẹn" in faults(files=True)[0]


def test_the_text_around_a_file_is_held_to_what_was_sent_as_well(chained: Portal) -> None:
    with_file = Packet.objects.get(body__contains="file:")
    Packet.objects.filter(pk=with_file.pk).update(body=with_file.body.replace("Đặng", "Đăng"))
    (fault,) = faults(files=True)
    assert "nội dung lưu của gói" in fault


# ---- the export, and whoever checks it without us


@pytest.fixture
def export(chained: Portal, tmp_path: Path) -> Path:
    path = tmp_path / "elsewhere" / "chain.jsonl"
    path.parent.mkdir()
    verified(portal="practice", export=path, bodies=True)
    return path


def test_an_export_is_checked_with_nothing_but_python(export: Path) -> None:
    assert alone(export, "--anchor", anchor(4)) == (
        0,
        f"portal 'practice': 6 links, 0 faults; last {anchor(6)}\n",
    )


def test_an_export_holds_personal_data_only_when_asked(export: Path, tmp_path: Path) -> None:
    with_bodies = export.read_text(encoding="utf-8")
    assert with_bodies.count('"body"') == 5
    assert "Đặng Văn Ước" in with_bodies
    verified(export=tmp_path / "plain.jsonl")
    plain = (tmp_path / "plain.jsonl").read_text(encoding="utf-8")
    assert "body" not in plain
    assert "Đặng Văn Ước" not in plain
    assert alone(tmp_path / "plain.jsonl")[0] == 0


@pytest.mark.parametrize("name", [*chain.SEALED, "seal", "body"])
def test_any_change_in_an_export_is_found(export: Path, name: str) -> None:
    lines = export.read_text(encoding="utf-8").splitlines()
    changed = json.loads(lines[3])
    changed[name] = changed[name] + (1 if isinstance(changed[name], int) else "x")
    lines[3] = json.dumps(changed)
    export.write_text("\n".join(lines), encoding="utf-8")
    code, said = alone(export)
    assert code == 1
    assert "#4" in said or "#5 " in said


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda lines: lines[:2] + lines[3:], "#4 is not the next one"),
        (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], "#3 is not the next one"),
        (lambda lines: [*lines[:2], lines[1], *lines[2:]], "#2 is not the next one"),
        (lambda lines: [*lines[:2], lines[2][:40], *lines[3:]], "line 3 is not a link"),
        (lambda lines: [*lines, "[]", '{"number": 7}', '{"a":' * 5000], "line 9 is not a link"),
    ],
    ids=["dropped", "swapped", "twice", "torn", "no links"],
)
def test_an_export_with_a_line_out_of_place_is_found(
    export: Path, spoil: Callable[[list[str]], list[str]], says: str
) -> None:
    export.write_text("\n".join(spoil(export.read_text(encoding="utf-8").splitlines())), encoding="utf-8")
    code, said = alone(export)
    assert code == 1
    assert says in said


def test_an_export_that_was_sealed_anew_or_cut_short_is_found_by_the_anchor(export: Path) -> None:
    links = [json.loads(line) for line in export.read_text(encoding="utf-8").splitlines()]
    written_down, seal = f"6:{links[5]['seal']}", chain.BEGINNING
    links[1]["milliseconds"] += 1
    for one in links:
        seal = one["seal"] = chain.seal(seal, one)
    export.write_text("\n".join(map(json.dumps, links)), encoding="utf-8")
    assert alone(export)[0] == 0
    code, said = alone(export, "--anchor", written_down)
    assert (code, "#6 does not have the seal of the anchor" in said) == (1, True)
    export.write_text("\n".join(map(json.dumps, links[:5])), encoding="utf-8")
    assert "ends before the anchor" in alone(export, "--anchor", written_down)[1]


def test_an_export_larger_than_memory_is_checked_line_by_line(tmp_path: Path) -> None:
    body, seal, path = "x" * 100_000, chain.BEGINNING, tmp_path / "large.jsonl"
    digest = people.sha256_of(body.encode())
    with path.open("w", encoding="utf-8") as file:
        for number in range(1, 1001):
            one: dict[str, Any] = dict.fromkeys(chain.SEALED, "") | {"number": number, "digest": digest}
            seal = one["seal"] = chain.seal(seal, one)
            file.write(json.dumps(one | {"body": body}) + "\n")
    code, said = alone(path, memory=64 * 1024 * 1024)
    assert (code, "1000 links, 0 faults" in said) == (0, True), said


def test_nonsense_is_refused(tmp_path: Path) -> None:
    for code in ("practice", "other"):
        a_portal(code=code)
    for options, says in (
        ({"portal": "khong-co"}, "khong-co"),
        ({"anchor": f"1:{'0' * 64}"}, "--portal"),
        ({"export": tmp_path / "x"}, "--portal"),
        ({"portal": "other", "anchor": "1:abc"}, "1:abc"),
        ({"portal": "other", "bodies": True}, "--bodies"),
        ({"portal": "other", "export": tmp_path}, "--export"),
    ):
        with pytest.raises(CommandError, match=says):
            verified(**options)
