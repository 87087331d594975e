"""Who may steer a portal, and where it may lie: cases as data. A new public report is one more line in a list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
import pytest_django
from django.core import mail
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_httpserver import HTTPServer

from onestop.staff.models import Role, User
from packets.delivery.sender import deliver
from packets.delivery.tokens import valid_token
from packets.dialects.qd1705.client import PortalClient
from packets.http.client import PortalError
from packets.models import ADDRESSES, DeliveryState, Packet, PacketState, Portal
from packets.models.portal_change import PortalChange
from packets.models.reasons import Reason
from packets.portals import change_mail
from packets.reconcile.ledger import LedgerComparison
from tests import people
from tests.packets.http.test_addresses import Names
from tests.packets.portals import a_portal, collected, is_faring
from tests.packets.test_admin import change_of, changelist_of, filled_in
from tests.packets.webhooks import a_webhook

pytestmark = pytest.mark.django_db

SECRET, TOKEN = "bí-mật-của-cổng", "token-dang-dung"
OPEN = "https://cong.example"


def tu() -> User:
    return people.tu()


def kim() -> User:
    """Operates at the top of another tree."""
    return people.a_person("kim", Role.OPERATOR, people.another_province(), full_name="Kim")


def tam() -> User:
    """Operates at a ward of the province."""
    return people.a_person("tam", Role.OPERATOR, people.ward(), full_name="Tâm")


def lead() -> User:
    """Leads the whole province, and operates nothing."""
    return people.a_person("lead", Role.MANAGER, people.province(), full_name="Lãnh đạo")


# ---- the cases

# Which agencies a portal names, who, and whether they steer it.
STEERING: list[tuple[str, tuple[str, ...], Callable[[], User], bool]] = [
    ("its own province", ("H22",), tu, True),
    ("another province's operator", ("H22",), kim, False),
    ("two provinces, one of them mine", ("H22", "H23"), tu, False),
    ("two provinces, the other mine", ("H22", "H23"), kim, False),
    ("none named: everybody's", (), tu, False),
    ("an operator below the top", ("H22",), tam, False),
    ("a manager at the top", ("H22",), lead, False),
    ("an auditor at the top", ("H22",), people.thanh, False),
    ("a superuser, none named", (), people.root, True),
    ("a superuser, two provinces", ("H22", "H23"), people.root, True),
]

# An address, which networks of our own portals may lie in, and the code of its refusal.
PLACES: list[tuple[str, list[str], str | None]] = [
    ("https://cong.example/api", [], None),
    ("http://cong.example/api", [], "forbidden_address"),
    ("http://127.0.0.1:8100", [], "forbidden_address"),
    ("https://127.0.0.1:8100", [], "forbidden_address"),
    ("https://[::1]/", [], "forbidden_address"),
    ("https://[::ffff:127.0.0.1]/", [], "forbidden_address"),
    ("https://10.20.0.4/api", [], "forbidden_address"),
    ("https://169.254.169.254/latest", [], "forbidden_address"),
    ("https://trong.example/", [], "forbidden_address"),
    ("https://trong.example/", ["10.20.0.0/16"], None),
    ("http://trong.example/", ["10.20.0.0/16"], None),
    ("https://hai.example/", ["10.20.0.0/16"], "forbidden_address"),
    ("https://ten:mk@cong.example/", [], "invalid"),
    ("https://khong-co.example/", [], "unknown_host"),
]
NAMES = {
    "cong.example": [["8.8.8.8"]],
    "trong.example": [["10.20.0.4"]],
    "hai.example": [["10.20.0.4", "10.21.0.4"]],
}

# What else an operator of the province might try with the agencies of his portal, and whether it is taken.
TAKEOVERS: list[tuple[str, tuple[str, ...], bool]] = [
    ("his own", ("H22",), True),
    ("another's beside his own", ("H22", "H23"), False),
    ("another's alone", ("H23",), False),
    ("none: everybody's", (), False),
]


# ---- what runs them


def carrying(*codes: str, **traits: Any) -> Portal:
    agencies = {"H22": people.province(), "H23": people.another_province()}
    portal = a_portal(client_secret=SECRET, **traits)
    portal.agencies.set([agencies[code] for code in codes])
    return portal


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    found: Any = answer.context["adminform"].form.errors.as_data()
    return {name: [fault.code for fault in faults] for name, faults in found.items()}


def of(*codes: str) -> dict[str, list[str]]:
    agencies = {"H22": people.province(), "H23": people.another_province()}
    return {"agencies": [str(agencies[code].pk) for code in codes]}


@pytest.mark.parametrize(
    ("codes", "who", "steers"), [case[1:] for case in STEERING], ids=[case[0] for case in STEERING]
)
def test_whoever_oversees_all_that_a_portal_carries_steers_it_and_nobody_else(
    codes: tuple[str, ...], who: Callable[[], User], steers: bool
) -> None:
    portal, person = carrying(*codes), who()
    client = as_(person)
    shown = client.get(reverse("packets:overview")).content.decode()
    assert (reverse("packets:pause", args=[portal.code]) in shown) is steers

    def is_as_it_was() -> bool:
        now = Portal.objects.get()
        return now.is_active and now.name == "" and now.addresses == portal.addresses and Portal.objects.count() == 1

    typed = filled_in(name="Của tôi", base_url=f"{portal.base_url}/x", client_secret="x") | of(*codes)
    attempts: dict[str, Callable[[], Any]] = {
        "the screen": lambda: client.post(reverse("packets:pause", args=[portal.code])),
        "the admin's list": lambda: client.post(
            changelist_of("portal"), {"action": "pause", "_selected_action": [str(portal.pk)]}
        ),
        "the admin's form": lambda: client.post(change_of(portal), typed),
        "looking at the form": lambda: client.get(change_of(portal)),
        "its history": lambda: client.get(reverse("admin:packets_portal_history", args=[portal.pk])),
    }
    for what, attempt in attempts.items():
        answer = attempt()
        if steers:
            assert answer.status_code < 400, what
        else:
            assert answer.status_code in (302, 403, 404), what
            assert is_as_it_was(), what
        Portal.objects.update(is_active=True)


@pytest.mark.parametrize(("codes", "taken"), [case[1:] for case in TAKEOVERS], ids=[case[0] for case in TAKEOVERS])
@pytest.mark.parametrize("adds", [False, True], ids=["changing", "adding"])
def test_nobody_takes_over_a_portal_or_makes_one_for_others(codes: tuple[str, ...], taken: bool, adds: bool) -> None:
    portal = None if adds else carrying("H22")
    address = reverse("admin:packets_portal_add") if portal is None else change_of(portal)
    answer = as_(people.tu()).post(address, filled_in(client_secret="x" if adds else "") | of(*codes))
    assert answer.status_code == (302 if taken else 200)
    if not taken:
        assert list(errors(answer)) == ["agencies"]
        carried = list(Portal.objects.values_list("agencies__code", flat=True))
        assert carried == ([] if adds else ["H22"])


@pytest.mark.parametrize("who", [tam, lead, people.thanh])
def test_nobody_below_the_top_and_nobody_but_an_operator_adds_a_portal(who: Callable[[], User]) -> None:
    answer = as_(who()).post(reverse("admin:packets_portal_add"), filled_in(client_secret="x") | of("H22"))
    assert answer.status_code in (302, 403)
    assert not Portal.objects.exists()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    known = Names(monkeypatch)
    known.known = {name: [list(turn) for turn in turns] for name, turns in NAMES.items()}
    return known


@pytest.mark.parametrize("field", ADDRESSES)
@pytest.mark.parametrize(("address", "networks", "code"), PLACES)
def test_a_portal_lies_where_packets_may_go(
    field: str, address: str, networks: list[str], code: str | None, names: Names, settings: pytest_django.Settings
) -> None:
    portal = carrying("H22")
    settings.PORTAL_NETWORKS = [ip_network(text) for text in networks]
    # What webhooks may do says nothing of portals.
    settings.WEBHOOK_NETWORKS = [ip_network("0.0.0.0/0"), ip_network("::/0")]
    answer = as_(people.tu()).post(change_of(portal), filled_in(client_secret="lại", **{field: address}) | of("H22"))
    if code is None:
        assert answer.status_code == 302
        return
    found = errors(answer)
    assert found.pop(field) in ([code], ["invalid", code], ["invalid"])
    assert found == {}
    given = {"base_url": OPEN, "token_url": OPEN, field: address}
    with pytest.raises(CommandError, match=field):
        call_command("add_portal", "mot", client_id="x", client_secret="s", **given)
    assert Portal.objects.count() == 1


@pytest.mark.parametrize("field", ADDRESSES)
def test_another_address_asks_for_the_secret_drops_the_token_and_is_told(field: str) -> None:
    portal, client = carrying("H22"), as_(people.tu())
    for person in (people.root(), people.tu(), kim(), tam()):
        User.objects.filter(pk=person.pk).update(email=f"{person.username}@co-quan.example")
    is_faring(portal, token=TOKEN, token_until=timezone.now() + timedelta(hours=1))
    address = "http://127.0.0.1:9/khac?khoa=rat-bi-mat"
    refused = client.post(change_of(portal), filled_in(**{field: address}) | of("H22"))
    assert errors(refused) == {"client_secret": ["secret_again"]}
    assert DeliveryState.objects.get().token == TOKEN
    assert not PortalChange.objects.exists()

    taken = client.post(change_of(portal), filled_in(client_secret="bí mật mới", **{field: address}) | of("H22"))
    assert taken.status_code == 302
    assert (DeliveryState.objects.get().token, Portal.objects.get().client_secret) == ("", "bí mật mới")
    change = PortalChange.objects.get()
    assert (change.by, change.act, change.portal) == (people.tu(), "changed", portal)
    before = getattr(portal, field)
    assert {"field": field, "from": before, "to": "http://127.0.0.1:9/khac?…"} in change.changes

    assert change_mail.is_due()
    assert change_mail.send() == 2
    # Not to the one who did it, nor to who sees nothing of this portal.
    assert sorted(letter.to[0] for letter in mail.outbox) == ["root@co-quan.example", "tam@co-quan.example"]
    page = as_(people.thanh()).get(reverse("packets:changes", args=[portal.code])).content.decode()
    for text in (page, *(str(letter.body) for letter in mail.outbox)):
        assert "http://127.0.0.1:9/khac" in text
        assert "Đỗ Tú" in text
        for secret in (SECRET, "bí mật mới", TOKEN, "rat-bi-mat"):
            assert secret not in text
    assert change_mail.send() == 0


def test_an_address_that_stays_keeps_the_token_and_asks_for_nothing(settings: pytest_django.Settings) -> None:
    """Not even that the host is known today: whoever corrects a name must not depend on it."""
    portal = carrying("H22")
    is_faring(portal, token=TOKEN, token_until=timezone.now() + timedelta(hours=1))
    settings.PORTAL_NETWORKS = []
    answer = as_(people.tu()).post(change_of(portal), filled_in(name="Tên mới") | of("H22"))
    assert answer.status_code == 302
    assert DeliveryState.objects.get().token == TOKEN
    change = PortalChange.objects.get()
    assert [one["field"] for one in change.changes] == ["name"]
    assert not change.is_to_be_mailed


def test_packets_of_others_that_still_wait_do_not_go_along_to_another_address() -> None:
    """The superuser took another province off a portal; what was made before still waits."""
    people.a_dossier(agency=people.another_province(), by=people.root())
    portal = carrying("H22", "H23")
    collected(portal)
    portal.agencies.set([people.province()])
    typed = filled_in(base_url="http://127.0.0.1:9/khac", client_secret="x") | of("H22")
    assert errors(as_(people.tu()).post(change_of(portal), typed)) == {"__all__": ["others_wait"]}
    Packet.objects.update(state=PacketState.ACCEPTED, settled_at=timezone.now(), due_at=None)
    assert as_(people.tu()).post(change_of(portal), typed).status_code == 302


def test_what_was_done_with_a_portal_is_written_down_and_read_by_whoever_sees_it() -> None:
    portal, client = carrying("H22"), as_(people.tu())
    client.post(reverse("packets:pause", args=[portal.code]))
    client.post(reverse("packets:pause", args=[portal.code]))
    client.post(changelist_of("portal"), {"action": "resume", "_selected_action": [str(portal.pk)]})
    client.post(change_of(portal), filled_in(client_secret="mới") | of("H22"))
    changes = PortalChange.objects.order_by("pk")
    assert [(change.act, change.who) for change in changes] == [
        ("paused", "Đỗ Tú"),
        ("resumed", "Đỗ Tú"),
        ("changed", "Đỗ Tú"),
    ]
    assert [change.is_to_be_mailed for change in changes] == [False, False, True]
    page = reverse("packets:changes", args=[portal.code])
    assert "đã đổi, không ghi giá trị" in as_(people.thanh()).get(page).content.decode()
    assert as_(kim()).get(page).status_code == 404
    assert as_(people.lan()).get(page).status_code == 403
    assert as_(people.root()).post(
        reverse("admin:packets_portal_delete", args=[portal.pk]), {"post": "yes"}
    ).status_code == 302  # fmt: skip
    last = changes.last()
    assert last is not None
    assert (last.act, last.portal, last.code) == ("deleted", None, "practice")


def test_a_mail_server_that_is_away_keeps_nobody_from_hearing_of_it_later(
    settings: pytest_django.Settings,
) -> None:
    carrying("H22")
    User.objects.filter(pk=people.tu().pk).update(email="tu@co-quan.example")
    call_command("add_portal", "hai", client_id="x", client_secret="s", base_url="http://127.0.0.1:9",
                 token_url="http://127.0.0.1:9/token")  # fmt: skip
    usual = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with pytest.raises(OSError):  # noqa: PT011 whatever it says, there is no such server
        change_mail.send()
    settings.EMAIL_BACKEND = usual
    assert change_mail.is_due()
    assert change_mail.send() == 1
    assert "add_portal" in mail.outbox[0].subject


# ---- at the connection


def test_a_name_that_leads_elsewhere_by_now_gets_neither_token_nor_packet(
    names: Names, httpserver: HTTPServer, settings: pytest_django.Settings
) -> None:
    settings.PORTAL_NETWORKS = []
    names.known["doi.example"] = [["127.0.0.1"]]
    address = f"https://doi.example:{httpserver.port}"
    portal = a_portal(address, ledger_url=f"{address}/ledger")
    people.a_dossier()
    collected(portal)
    deliver(portal)
    packet = Packet.objects.get(kind="document")
    assert (packet.state, packet.reason) == ("ready", Reason.FORBIDDEN_ADDRESS)
    is_faring(portal, token=TOKEN, token_until=timezone.now() + timedelta(hours=1), resting_until=None)
    deliver(portal, waiting_too=True)
    with LedgerComparison(portal) as comparison, pytest.raises(PortalError) as refused:
        comparison.fetch()
    assert refused.value.reason == Reason.FORBIDDEN_ADDRESS
    assert httpserver.log == []


def test_a_redirect_of_a_portal_is_followed_nowhere(httpserver: HTTPServer) -> None:
    away = {"Location": httpserver.url_for("/ben-trong")}
    httpserver.expect_request("/token").respond_with_data("", 307, headers=away)
    people.a_dossier()
    portal = a_portal(httpserver.url_for("")[:-1])
    collected(portal)
    deliver(portal)
    assert {request.path for request, _answer in httpserver.log} == {"/token"}


def test_no_proxy_of_the_environment_stands_between(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    httpserver.expect_request("/token").respond_with_json({"access_token": "t", "expires_in": 60})
    httpserver.expect_request("/Document/SyncDocument").respond_with_data("")
    people.a_dossier()
    portal = a_portal(httpserver.url_for("")[:-1])
    collected(portal)
    assert deliver(portal).accepted >= 1


def test_a_token_that_was_asked_for_at_the_old_address_is_not_kept_for_the_new_one(httpserver: HTTPServer) -> None:
    """The address changes while a worker waits for the answer."""
    portal = a_portal(httpserver.url_for("")[:-1])

    httpserver.expect_request("/token").respond_with_json({"access_token": "cu", "expires_in": 3600})

    class Slow(PortalClient):
        def sign_in(self, portal: Portal) -> Any:
            answer = super().sign_in(portal)
            changed = Portal.objects.get()
            changed.base_url = "http://127.0.0.1:9/moi"
            changed.save()
            return answer

    assert valid_token(portal, Slow()) == "cu"
    assert (DeliveryState.objects.get().token, DeliveryState.objects.get().signing_in_until) == ("", None)
    is_faring(portal, token="moi", token_until=timezone.now() + timedelta(hours=1))
    with pytest.raises(PortalError) as refused:
        valid_token(portal, PortalClient())
    assert refused.value.reason == Reason.TOKEN


def test_a_webhook_is_steered_by_whoever_oversees_all_of_its_partner_s_agencies() -> None:
    webhook = a_webhook("http://127.0.0.1:9/")
    for person, steers in ((people.tu(), True), (tam(), True), (kim(), False), (people.root(), True)):
        as_(person).post(reverse("packets:pause", args=[webhook.code]))
        assert Portal.objects.get().is_active is not steers
        Portal.objects.update(is_active=True)
    assert webhook.partner is not None
    webhook.partner.agencies.add(people.another_province())
    for person in (people.tu(), tam(), kim()):
        as_(person).post(reverse("packets:pause", args=[webhook.code]))
        assert Portal.objects.get().is_active


def test_packets_of_another_tree_are_neither_seen_nor_resent_nor_given_up() -> None:
    people.a_dossier()
    collected(carrying("H22", "H23", require_attachment=True))
    packet, client = Packet.objects.get(state=PacketState.STOPPED), as_(kim())
    Portal.objects.update(require_attachment=False)
    for name in ("detail", "resend", "give-up"):
        address = reverse(f"packets:{name}", args=[packet.pk])
        answer = client.get(address) if name == "detail" else client.post(address, {"because": "của tôi"})
        assert answer.status_code == 404, name
    client.post(f"{reverse('packets:resend-found')}?packet=&packet={packet.pk}")
    client.post(changelist_of("packet"), {"action": "resend", "_selected_action": [str(packet.pk)]})
    packet.refresh_from_db()
    assert packet.state == PacketState.STOPPED
