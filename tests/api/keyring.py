"""One office with a dossier in every state, and whatever somebody could hold up to get at it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.test import Client, override_settings
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application

from onestop.catalog.models import Agency, Phase
from onestop.dossiers import lifecycle
from onestop.dossiers.files.uploads import attach_all
from onestop.dossiers.models import Dossier, State
from onestop.partners.credentials import issue
from onestop.partners.models import Credential, Partner
from onestop.partners.scopes import ApiScope
from onestop.votes.models import QuestionSet
from packets.collecting.collect import collect
from packets.models import Packet, Portal
from packets.subscriptions import renew_secret, subscribe
from tests import people
from tests.packets.portals import a_portal

from .operations import QUESTION_SET


@dataclass(frozen=True)
class Thing:
    """A dossier, packet or webhook, or none. `seen_by`: partners by their names, or by what they are bound to."""

    kind: str
    name: str
    values: Mapping[str, Any]
    seen_by: frozenset[str] = frozenset()
    # Of a dossier.
    state: State | None = None
    is_test: bool = False
    # What tells of it wherever it stands.
    marks: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Key:
    """What a caller holds up. `scopes` None: it is nobody's."""

    name: str
    authorization: str | None
    scopes: frozenset[ApiScope] | None = None
    partner: str = ""
    bound_to: str = ""
    of_staff: bool = False
    query: str = ""

    def sees(self, thing: Thing) -> bool:
        return self.partner in thing.seen_by or self.bound_to in thing.seen_by


@dataclass(frozen=True)
class Office:
    things: list[Thing]
    keys: list[Key]
    files: Path
    rows: Mapping[str, list[Any]]
    # Making one takes longer than many a call.
    stranger: Client
    at_work: Client

    def named(self, kind: str, name: str) -> Thing:
        return next(thing for thing in self.things if (thing.kind, thing.name) == (kind, name))

    def key(self, name: str) -> Key:
        return next(key for key in self.keys if key.name == name)


MISSING = "none"
# What the test partner is bound to in `seen_by`, and its name.
TESTS, TESTER = "tests of the ward", "Của ward (thử)"


def an_office(files: Path) -> Office:
    with override_settings(MEDIA_ROOT=files):
        dossiers = _dossiers()
    keys = [*_nobodys(), *_of_the_ward(), *_of_others()]
    webhooks = _webhooks()
    packets = _packets(dossiers)
    questions = QuestionSet.objects.create(pk=QUESTION_SET, name="Khảo sát")
    questions.questions.create(ordinal=1, content="Ông/bà có hài lòng không?")
    Partner.objects.update(rate_per_minute=1_000_000)
    # So that it is not noted during any cell, which would be a change of the database.
    Credential.objects.update(last_used_at=timezone.now() + timedelta(days=1))
    stranger, at_work = Client(raise_request_exception=False), Client(raise_request_exception=False)
    at_work.force_login(people.root())
    return Office([*dossiers, *packets, *webhooks], keys, files, all_rows(), stranger, at_work)


def all_rows() -> dict[str, list[Any]]:
    """The whole database."""
    models = apps.get_models(include_auto_created=True)
    return {
        model._meta.label: [tuple(map(_plain, row)) for row in model._base_manager.order_by("pk").values_list()]
        for model in models
        if model._meta.managed and not model._meta.proxy
    }


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


# ---- things


def _dossiers() -> list[Thing]:
    people.ward_desk()
    own = frozenset({"ward", "province"})
    found = [_thing(state.name.lower(), people.a_dossier_in(state), own) for state in State]
    found.append(_thing("a test", people.a_dossier(is_test=True), frozenset({TESTS})))
    handed_here = _received(people.department())
    lifecycle.hand_over(handed_here, None, unit=people.ward())
    found.append(_thing("handed here", handed_here, own))
    handed_away = _received(people.ward())
    lifecycle.hand_over(handed_away, None, unit=people.department())
    found.append(_thing("handed away", handed_away, own))
    passed_on = _received(people.department())
    lifecycle.hand_over(passed_on, None, unit=people.ward())
    lifecycle.hand_over(passed_on, None, unit=people.department())
    found.append(_thing("passed on", passed_on, frozenset({"province"})))
    found.append(_thing("the department's", _received(people.department()), frozenset({"province"})))
    found.append(_thing("another province's", _received(people.another_province()), frozenset()))
    found.append(Thing("dossiers", MISSING, {"uuid": uuid4(), "ordinal": 1}))
    return found


def _received(agency: Agency) -> Dossier:
    dossier = people.a_new_dossier(agency=agency)
    lifecycle.receive(dossier, None)
    return dossier


def _thing(name: str, dossier: Dossier, seen_by: frozenset[str]) -> Thing:
    attach_all(dossier, [people.a_file()], Phase.RECEPTION, timezone.now())
    marks = tuple(mark.encode() for mark in (str(dossier.uuid), dossier.code) if mark)
    values = {"uuid": dossier.uuid, "ordinal": 1}
    return Thing("dossiers", name, values, seen_by, State(dossier.state), dossier.is_test, marks)


def _webhooks() -> list[Thing]:
    found = []
    for name in (people.a_partner().name, "Của province", TESTER):
        webhook = subscribe(Partner.objects.get(name=name), "https://8.8.4.4/")
        Portal.objects.filter(pk=webhook.pk).update(since=None)
        collect(Portal.objects.get(pk=webhook.pk))
        marks = tuple(text.encode() for text in (webhook.code, webhook.client_secret, renew_secret(webhook)))
        values = {"code": webhook.code, "id": Packet.objects.filter(portal=webhook).latest("pk").key}
        found.append(Thing("webhooks", name, values, frozenset({name}), marks=marks))
    portal = Thing("webhooks", "a portal", {"code": a_portal().code, "id": uuid4()})
    return [*found, portal, Thing("webhooks", MISSING, {"code": "wh-0", "id": uuid4()})]


def _packets(dossiers: Iterable[Thing]) -> list[Thing]:
    """Of each dossier the last one that goes to the portal, and the last one that goes to a webhook."""
    collect(Portal.objects.get(partner=None))
    found = []
    for dossier in dossiers:
        packets = Packet.objects.filter(dossier__uuid=dossier.values["uuid"]).order_by("pk")
        for packet in (packets.filter(portal__partner=None).last(), packets.exclude(portal__partner=None).last()):
            if packet is not None:
                to = packet.portal.partner
                seen_by = frozenset({to.name}) if to else dossier.seen_by
                name = f"{dossier.name} to {to or 'the portal'}"
                marks = (str(packet.key).encode(),)
                found.append(Thing("packets", name, {"key": packet.key}, seen_by, marks=marks))
    return [*found, Thing("packets", MISSING, {"key": uuid4()})]


# ---- keys


def _nobodys() -> list[Key]:
    right = people.a_token(people.a_partner())
    return [
        Key("no token", None),
        Key("an empty token", "Bearer "),
        Key("a garbage token", "Bearer " + "x" * 40),
        Key("a checksum for a token", f"Bearer {sha256(right.removeprefix('Bearer ').encode()).hexdigest()}"),
        Key("client id and secret", _basic(people.a_partner(name="Hỏi bằng mật khẩu"))),
        Key("a token of another scheme", right.replace("Bearer", "Token")),
        Key("a token in the address", None, query="access_token=" + right.removeprefix("Bearer ")),
        Key("an expired token", _expired_token(people.a_partner(name="Quên xin lại"))),
        Key("a switched-off partner", _switched_off(people.a_partner(name="Đã ngắt"))),
        Key("an expired credential", _expired_credential(people.a_partner(name="Đã đổi khóa"))),
        Key("a token of no partner", _of_no_partner()),
        Key("a staff session", None, of_staff=True),
        Key("a staff session and a garbage token", "Bearer x", of_staff=True),
    ]


def _basic(partner: Partner) -> str:
    issued = issue(partner)
    return "Basic " + b64encode(f"{issued.credential}:{issued.secret}".encode()).decode()


def _expired_token(partner: Partner) -> str:
    token = people.a_token(partner)
    AccessToken.objects.filter(application__credential__partner=partner).update(expires=timezone.now())
    return token


def _switched_off(partner: Partner) -> str:
    token = people.a_token(partner)
    Partner.objects.filter(pk=partner.pk).update(is_active=False)
    return token


def _expired_credential(partner: Partner) -> str:
    token = people.a_token(partner)
    partner.credentials.update(expires_at=timezone.now())
    return token


def _of_no_partner() -> str:
    token = people.a_token(people.a_partner())
    application = Application.objects.create(
        name="Không của ai", client_type="confidential", authorization_grant_type="client-credentials"
    )
    newest = AccessToken.objects.order_by("pk").last()
    assert newest is not None
    AccessToken.objects.filter(pk=newest.pk).update(application=application)
    return token


def _of_the_ward() -> list[Key]:
    """For each scope: it alone, all but it, and all although the partner has lost it since."""
    # What the catalogue has beside the dossiers' own rows.
    people.two_wards_and_a_commune()
    partner, every = people.a_partner(), frozenset(ApiScope)
    keys = [Key("every scope", people.a_token(partner), every, partner.name, "ward")]
    for scope in ApiScope:
        others = every - {scope}
        lost = people.a_partner(*sorted(others), name=f"Đã mất {scope}")
        keys += [
            Key(f"{scope} alone", people.a_token(partner, scope), frozenset({scope}), partner.name, "ward"),
            Key(f"all but {scope}", people.a_token(partner, *sorted(others)), others, partner.name, "ward"),
            Key(f"all, {scope} taken away since", people.a_token(lost, *ApiScope), others, lost.name, "ward"),
        ]
    return keys


def _of_others() -> list[Key]:
    every = frozenset(ApiScope)
    next_ward = people.an_agency("H22.102", "UBND phường Minh Khai", people.province(), Agency.Level.COMMUNE)
    bound = {
        "province": people.province(),
        "another province": people.an_agency("H24", "UBND tỉnh Bắc Ninh", None, Agency.Level.PROVINCE),
        "next ward": next_ward,
        "desk": people.ward_desk(),
    }
    keys = []
    for name, agency in bound.items():
        partner = people.a_partner(name=f"Của {name}", agencies=[agency])
        keys.append(Key(f"of the {name}", people.a_token(partner), every, partner.name, name))
    tester = people.a_partner(name=TESTER)
    Partner.objects.filter(pk=tester.pk).update(is_test=True)
    keys.append(Key("of a test partner", people.a_token(tester), every, tester.name, TESTS))
    nowhere = people.a_partner(name="Không gắn với cơ quan nào")
    nowhere.agencies.clear()
    return [*keys, Key("of no agency", people.a_token(nowhere), every, nowhere.name, "nowhere")]
