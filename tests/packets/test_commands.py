"""The operator's commands: what they do, and what they say when they are given nonsense."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from onestop.dossiers.models import State
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from packets.collecting.collect import collect
from packets.delivery.sender import deliver
from packets.dialects.qd1705.messages import Kind
from packets.models import Packet, Portal
from packets.schemas.check import KINDS
from tests import people
from tests.practice_portal import Sandbox

from .portals import a_portal, collected

pytestmark = pytest.mark.django_db
NEEDED = {"base_url": "http://127.0.0.1:9", "token_url": "http://127.0.0.1:9/token", "client_id": "x"}


def said(command: str, *words: str, **options: Any) -> str:
    out, err = StringIO(), StringIO()
    call_command(command, *words, stdout=out, stderr=err, **options)
    return out.getvalue() + err.getvalue()


def exported(*words: str) -> list[dict[str, Any]]:
    out = StringIO()
    call_command("export_packets", *words, stdout=out, stderr=StringIO())
    return [json.loads(line) for line in out.getvalue().splitlines()]


# ---- add_portal


def test_a_portal_is_made_from_now_on_unless_told_otherwise() -> None:
    said("add_portal", "mot", client_secret="s", **NEEDED)
    said("add_portal", "hai", client_secret="s", since="all", **NEEDED)
    said("add_portal", "ba", client_secret="s", since="2026-01-02", **NEEDED)
    assert Portal.objects.get(code="mot").since is not None
    assert Portal.objects.get(code="hai").since is None
    since = Portal.objects.get(code="ba").since
    assert since is not None
    assert since.isoformat() == "2026-01-01T17:00:00+00:00"


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("rất bí mật\n", encoding="utf-8")
    said("add_portal", "mot", client_secret_file=path, **NEEDED)
    assert Portal.objects.get().client_secret == "rất bí mật"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"base_url": "cong.gov.vn"}, "base_url"),
        ({"token_url": "ftp://x/token"}, "token_url"),
        ({"ledger_url": "cong.gov.vn/so"}, "ledger_url"),
        ({"since": "hôm qua"}, "--since"),
        ({"since": "2026-02-31"}, "--since"),
        ({"agency": ["H99"]}, "H99"),
        ({"client_secret": ""}, "client_secret"),
        ({"aliases": '{"Statuss": "S"}'}, "aliases: .*Statuss"),
        ({"aliases": "Status=S"}, "--aliases"),
        ({"codes": '{"trace.ReturnedType": {"0": 1}}'}, "codes: .*trace"),
        ({"client_secret_file": Path("/khong/co")}, "--client-secret-file"),
    ],
)
def test_a_portal_that_makes_no_sense_is_refused_by_field(wrong: dict[str, Any], says: str) -> None:
    secret = {} if "client_secret_file" in wrong else {"client_secret": "s"}
    with pytest.raises(CommandError, match=says):
        said("add_portal", "mot", **(NEEDED | secret | wrong))
    assert not Portal.objects.exists()


def test_a_code_that_is_taken_or_misshapen_is_refused() -> None:
    said("add_portal", "mot", client_secret="s", **NEEDED)
    for code in ("mot", "mã có dấu"):
        with pytest.raises(CommandError, match="code"):
            said("add_portal", code, client_secret="s", **NEEDED)


def test_a_sub_agency_reports_nothing_of_its_own() -> None:
    people.ward()
    with pytest.raises(CommandError, match=r"H22\.101"):
        said("add_portal", "mot", client_secret="s", agency=["H22.101"], **NEEDED)
    said("add_portal", "mot", client_secret="s", agency=["H22"], **NEEDED)
    assert [agency.code for agency in Portal.objects.get().agencies.all()] == ["H22"]


def test_what_a_portal_wants_otherwise_is_said_when_it_is_added() -> None:
    names, codes = {"Attachments.Attachmentld": "AttachmentId"}, {"document.Status": {"2": 3}}
    said(
        *("add_portal", "mot", "--date-offset", "utc", "--empty-date", "null"),
        aliases=json.dumps(names),
        codes=json.dumps(codes),
        client_secret="s",
        **NEEDED,
    )
    portal = Portal.objects.get()
    assert (portal.date_offset, portal.empty_date, portal.aliases, portal.codes) == ("utc", "null", names, codes)


# ---- sync_packets


def test_a_round_collects_and_delivers(practice_portal: Sandbox) -> None:
    a_portal(practice_portal.address)
    people.a_dossier()
    words = said("sync_packets")
    assert "practice: 2 gói mới" in words
    assert "practice: 2 gói được nhận" in words


def test_collecting_and_delivering_are_done_apart_when_asked(practice_portal: Sandbox) -> None:
    a_portal(practice_portal.address)
    people.a_dossier()
    said("sync_packets", "--deliver")
    assert not Packet.objects.exists()
    said("sync_packets", "--collect")
    assert set(Packet.objects.values_list("state", flat=True)) == {"ready"}
    said("sync_packets", "--deliver")
    assert set(Packet.objects.values_list("state", flat=True)) == {"accepted"}


def test_a_dry_run_tells_and_touches_nothing() -> None:
    a_portal()
    people.a_dossier()
    assert "1 bước xử lý" in said("sync_packets", "--dry-run")
    assert not Packet.objects.exists()
    collected(Portal.objects.get())
    assert "2 gói đang chờ" in said("sync_packets", "--dry-run")
    assert set(Packet.objects.values_list("tries", flat=True)) == {0}


def test_a_drain_does_not_wait_for_the_time_of_the_next_try_and_fails_while_something_is_left(
    practice_portal: Sandbox,
) -> None:
    portal = a_portal()
    people.a_dossier()
    with pytest.raises(CommandError, match="không kết nối được tới Cổng"):
        said("sync_packets", "--drain")
    Portal.objects.update(base_url=practice_portal.address, token_url=f"{practice_portal.address}/token")
    assert "Mọi gói đã được nhận" in said("sync_packets", "--drain", "--portal", portal.code)


def test_an_unknown_portal_and_options_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(CommandError, match="khong-co"):
        said("sync_packets", "--portal", "khong-co")
    with pytest.raises(CommandError, match="--loop"):
        said("sync_packets", "--loop", "--drain")


def test_without_any_portal_it_says_how_to_make_one() -> None:
    assert "add_portal" in said("sync_packets")


def test_a_paused_portal_is_left_alone() -> None:
    a_portal(is_active=False)
    people.a_dossier()
    said("sync_packets")
    assert not Packet.objects.exists()


# ---- export_packets


def test_an_export_is_what_is_sent_byte_for_byte(practice_portal: Sandbox) -> None:
    portal = a_portal(practice_portal.address)
    people.a_dossier_in(State.RETURNED, files=[people.a_file()])
    collect(portal)
    for kind in (Kind.TRACE, Kind.DOCUMENT):
        out = StringIO()
        call_command("export_packets", kind.value, stdout=out)
        frozen = Packet.objects.filter(kind=kind).exclude(state="superseded").order_by("position")
        whole = [packet.body.replace(f"file:{packet.key}:1", people.base64_of(people.PDF)) for packet in frozen]
        assert out.getvalue().splitlines() == whole
    deliver(portal)
    arrived = [entry["digest"] for entry in practice_portal.ledger() if entry["kind"] == "document"]
    assert arrived == [people.sha256_of(out.getvalue().rstrip("\n").encode())]


def test_without_files_their_content_is_left_out_and_nothing_is_called_verified() -> None:
    people.a_dossier(files=[people.a_file()])
    (document,) = exported("document", "--no-files")
    assert document["Attachments"] == [
        {"Attachmentld": 1, "AttachmentName": "đơn.pdf", "IsDeleted": False, "Base64": "", "IsVerified": False}
    ]


def test_an_export_is_narrowed_by_agency_dossier_and_period() -> None:
    ours = people.a_dossier()
    people.a_dossier(agency=people.another_province(), by=people.root())
    assert len(exported("document")) == 2
    assert [packet["DocCode"] for packet in exported("document", "--agency", "H22")] == [ours.code]
    assert [packet["DocCode"] for packet in exported("trace", "--dossier", ours.code or "")] == [ours.code]
    assert exported("document", "--period", "2019-01") == exported("trace", "--period", "2019") == []


def test_a_period_that_was_not_published_is_counted_and_said_to_be_provisional() -> None:
    people.a_dossier()
    now = Period.month_of(timezone.now())
    out, err = StringIO(), StringIO()
    call_command("export_packets", "statistic", "--period", str(now), stdout=out, stderr=err)
    assert json.loads(out.getvalue())["NewReception"] == 1
    assert "tạm tính" in err.getvalue()


def test_of_a_revised_period_the_last_figures_are_exported() -> None:
    people.a_dossier()
    month = Period.month_of(timezone.now())
    publish(people.province(), month, month.end)
    people.a_dossier()
    publish(people.province(), month, month.end)
    (statistic,) = exported("statistic")
    assert statistic["NewReception"] == 2
    assert [vote["TotalVoted"] for vote in exported("vote")] == [0]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("document", "--agency", "H99"), "H99"),
        (("document", "--dossier", "H22-1"), "H22-1"),
        (("trace", "--period", "tháng 3"), "tháng 3"),
        (("trace", "--period", "2026-13"), "2026-13"),
        (("statistic", "--agency", "H22.101"), "cấp 1"),
        (("statistic", "--dossier", "x"), "--dossier"),
        (("vote", "--period", "2026"), "theo tháng"),
        (("packet",), "packet"),
    ],
)
def test_an_export_of_nonsense_is_refused(words: tuple[str, ...], says: str) -> None:
    people.ward()
    with pytest.raises(CommandError, match=says):
        exported(*words)


def test_all_four_kinds_pass_validation(tmp_path: Path) -> None:
    people.a_dossier_in(State.AWAITING_SUPPLEMENT, fees=[people.a_fee()], files=[people.a_file()])
    month = Period.month_of(timezone.now())
    publish(people.province(), month, month.end)
    for kind in KINDS:
        path = tmp_path / f"{kind}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            call_command("export_packets", kind, stdout=file)
        assert "0 sai" in said("validate_packets", str(path))


# ---- in a portal's own way


def in_the_way_of(portal: Portal, kind: str, path: Path) -> str:
    """What `validate_packets` says of the packets that `export_packets` wrote for `portal`, and whether it failed."""
    out = StringIO()
    call_command("export_packets", kind, "--portal", portal.code, "--no-files", stdout=out, stderr=StringIO())
    path.write_text(out.getvalue(), encoding="utf-8")
    return said("validate_packets", str(path), "--portal", portal.code)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_exported_for_a_portal_is_valid_in_its_way_and_not_in_the_standard_s(
    kind: str, tmp_path: Path
) -> None:
    portal = a_portal(
        date_offset="extended",
        empty_date="null",
        aliases={"document.Status": "DocStatus", "trace.DocCode": "MaHoSo", "statistic.Note": "GhiChu"},
        codes={"Status": {"1": "DANG_XU_LY"}},
    )
    people.a_dossier(files=[people.a_file()])
    month = Period.month_of(timezone.now())
    publish(people.province(), month, month.end)
    assert "1 gói, 1 hợp lệ, 0 sai" in in_the_way_of(portal, kind, tmp_path / "packets")
    with pytest.raises(SystemExit):
        said("validate_packets", str(tmp_path / "packets"))


def test_a_packet_that_a_portal_would_not_understand_is_told_by_field(tmp_path: Path) -> None:
    portal = a_portal(date_offset="utc", aliases={"DocCode": "MaHoSo"})
    people.a_dossier()
    path, out = tmp_path / "packets", StringIO()
    path.write_text(json.dumps(exported("trace")[0]), encoding="utf-8")
    with pytest.raises(SystemExit):
        call_command("validate_packets", str(path), "--portal", portal.code, stdout=out)
    assert "trace DocCode: alias: Cổng này gọi trường là MaHoSo." in out.getvalue()
    assert "trace DateCreated: pattern: Cổng này nhận ngày như 2026-10-31T05:00:00.000Z." in out.getvalue()


@pytest.mark.parametrize("command", [("export_packets", "trace"), ("validate_packets", "-")])
def test_a_portal_that_is_not_there_has_no_way(command: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="khong-co"):
        said(*command, "--portal", "khong-co")
