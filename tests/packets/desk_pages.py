"""The operator's pages as tests open them, and packets as they stand there."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse

from onestop.dossiers.models import Dossier
from onestop.staff.models import Role, User
from packets.delivery.sender import deliver
from packets.dialects.qd1705.messages import Kind
from packets.models import Packet, PacketState, Portal
from packets.models.reasons import Reason
from tests import people
from tests.dossiers.desk_pages import as_ as as_
from tests.dossiers.desk_pages import page as page
from tests.packets.portals import a_portal, collected

OVERVIEW = reverse("packets:overview")
LIST = reverse("packets:list")
RESEND_FOUND = reverse("packets:resend-found")


def told(client: Client, address: str, **query: str) -> str:
    """The page that a POST leads to."""
    answer = client.post(f"{address}?{urlencode(query)}", follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def detail_of(packet: Packet) -> str:
    return reverse("packets:detail", args=[packet.pk])


def resend_of(packet: Packet) -> str:
    return reverse("packets:resend", args=[packet.pk])


def give_up_of(packet: Packet) -> str:
    return reverse("packets:give-up", args=[packet.pk])


def steering(portal: Portal, act: str) -> str:
    return reverse(f"packets:{act}", args=[portal.code])


def a_manager_of_the_department() -> User:
    return people.a_person("dung", Role.MANAGER, people.department())


def an_operator_of_the_ward() -> User:
    return people.a_person("tam", Role.OPERATOR, people.ward())


def a_portal_that_wants_files(**traits: Any) -> Portal:
    return a_portal(require_attachment=True, **traits)


def a_stopped_packet(dossier: Dossier | None = None) -> Packet:
    """The document of a dossier without files, for a portal that wants some."""
    dossier = dossier or people.a_dossier()
    portal = Portal.objects.first() or a_portal_that_wants_files()
    collected(portal)
    return Packet.objects.get(dossier=dossier, portal=portal, kind=Kind.DOCUMENT, state=PacketState.STOPPED)


def no_files_wanted_any_more() -> None:
    Portal.objects.update(require_attachment=False)


def a_packet_that_was_refused() -> Packet:
    people.a_dossier()
    collected(a_portal())
    packets = Packet.objects.filter(kind=Kind.DOCUMENT)
    packets.update(state=PacketState.STOPPED, reason=Reason.REFUSED, detail="không", tries=1, due_at=None)
    return packets.get()


def a_packet_tried_in_vain() -> Packet:
    people.a_dossier()
    portal = a_portal()
    collected(portal)
    deliver(portal)
    return Packet.objects.get(tries=1)


def found(client: Client, **query: str) -> set[int]:
    return {packet.pk for packet in client.get(LIST, query).context["packets"]}
