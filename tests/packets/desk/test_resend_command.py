"""`resend_packets`: what it says beforehand, sends again and refuses; and a pause, which the worker obeys."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from packets.models import Attempt, Packet, PacketState
from packets.operations import pause
from tests import people
from tests.packets.desk_pages import a_stopped_packet, no_files_wanted_any_more
from tests.packets.portals import a_portal, collected, hasten

pytestmark = pytest.mark.django_db


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("resend_packets", *arguments, verbosity=0)
    return capsys.readouterr().out


def test_the_command_resends_what_it_is_told_to(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = people.a_dossier(), people.a_dossier()
    a_stopped_packet(first)
    assert first.code is not None
    no_files_wanted_any_more()
    assert "Có 2 gói dừng: 2 gói sẽ đi, 0 gói chưa hợp lệ" in said(capsys, "--all", "--dry-run")
    assert "0 gói trở lại" in said(capsys, "--kind", "trace")
    assert "0 gói trở lại" in said(capsys, "--reason", "refused")
    assert Packet.objects.filter(state=PacketState.STOPPED).count() == 2
    assert "1 gói trở lại" in said(capsys, "--dossier", first.code, "--reason", "no_attachment")
    assert [p.dossier for p in Packet.objects.filter(state=PacketState.STOPPED)] == [second]
    assert "1 gói trở lại" in said(capsys, "--portal", "practice")
    assert not Packet.objects.filter(state=PacketState.STOPPED).exists()


def test_the_command_tells_how_many_are_still_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    a_stopped_packet()
    foretold = said(capsys, "--kind", "document", "--dry-run")
    assert "Có 1 gói dừng: 0 gói sẽ đi, 1 gói chưa hợp lệ" in foretold
    assert "no_attachment" in foretold
    assert "0 gói trở lại hàng chờ gửi, 1 gói chưa hợp lệ" in said(capsys, "--all")


def test_the_command_looks_at_many_in_batches(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("packets.operations.BATCH", 2)
    for _number in range(4):
        people.a_dossier()
    a_stopped_packet()
    assert "Có 5 gói dừng: 0 gói sẽ đi, 5 gói chưa hợp lệ" in said(capsys, "--all", "--dry-run")
    assert Packet.objects.filter(state=PacketState.STOPPED).count() == 5


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "--all"),
        (["--all", "--portal", "practice"], "--all"),
        (["--portal", "nowhere"], "Không có cổng nào mang mã nowhere"),
        (["--reason", "bored"], "Không có lý do bored"),
        (["--kind", "letter"], "Không có loại letter"),
        (["--dossier", "H99"], "Không có hồ sơ nào mang mã H99"),
    ],
)
def test_the_command_says_clearly_what_it_cannot_do(arguments: list[str], complaint: str) -> None:
    packet = a_stopped_packet()
    no_files_wanted_any_more()
    with pytest.raises(CommandError, match=complaint):
        call_command("resend_packets", *arguments)
    packet.refresh_from_db()
    assert packet.state == PacketState.STOPPED


def test_a_paused_portal_is_left_out_by_the_worker() -> None:
    people.a_dossier()
    portal = a_portal()
    collected(portal)
    pause(portal, by="tú")
    hasten(portal)
    call_command("sync_packets", "--deliver", verbosity=0)
    assert not Attempt.objects.exists()
