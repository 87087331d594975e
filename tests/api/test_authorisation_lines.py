"""Each line that refuses is needed: with any one of them taken away, some cell of the matrix fails.

A mutation is a change of the source text, compiled and put in the place of the function that it belongs to.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from onestop.partners.scopes import ApiScope

from .keyring import Office
from .operations import AGREED, operations, routes
from .test_authorisation import files_of_this_test_alone, office, slice_of, undeclared

# Fixtures that the tests below take by their names.
__all__ = ["files_of_this_test_alone", "office"]

pytestmark = [pytest.mark.django_db, pytest.mark.long]

EVERY = '__import__("django.apps").apps.apps.get_model("catalog.Agency").objects.all()'
# Module, function, what stands there, and what is put in its place.
LINES = [
    (
        "onestop.partners.permissions",
        "HasScope.has_permission",
        "bool(needed) and needed <= request.user.scopes",
        "True",
    ),
    (
        "onestop.partners.permissions",
        "HasScope.has_permission",
        "isinstance(request.user, PartnerActor) and",
        "not isinstance(request.user, PartnerActor) or",
    ),
    (
        "onestop.partners.permissions",
        "HasScope.has_permission",
        "needed <= request.user.scopes",
        "bool(needed & request.user.scopes) or len(request.user.scopes) > 1",
    ),
    ("onestop.rest.views", "ApiView.required_scopes", "{scope.value} if scope else set()", '{"dossiers:read"}'),
    ("onestop.rest.views", "ApiView.initial", "request.method.lower() not in self.scopes", "False"),
    ("onestop.partners.authentication", "PartnerAuthentication.authenticate", 'scheme.lower() != b"bearer"', "False"),
    ("onestop.partners.authentication", "PartnerAuthentication.authenticate", ", expires__gt=now", ""),
    ("onestop.partners.authentication", "PartnerAuthentication.authenticate", "or credential is None", ""),
    ("onestop.partners.authentication", "PartnerAuthentication.authenticate", "or not credential.is_usable(now)", ""),
    ("onestop.partners.authentication", "PartnerAuthentication.authenticate", " & set(credential.partner.scopes)", ""),
    ("onestop.partners.authentication", "PartnerAuthentication.authenticate", "set(found.scope.split()) & ", ""),
    ("onestop.partners.authentication", "PartnerAuthentication.authenticate_header", "return", "return None and"),
    ("onestop.partners.models", "Credential.is_usable", "self.partner.is_active and", ""),
    ("onestop.partners.models", "Credential.is_usable", "self.expires_at is None or self.expires_at > now", "True"),
    (
        "onestop.partners.models",
        "PartnerActor.agencies",
        "Agency.objects.filter(below) if below else Agency.objects.none()",
        "Agency.objects.all()",
    ),
    ("onestop.partners.models", "PartnerActor.agencies", "if below else Agency.objects.none()", ""),
    (
        "onestop.partners.models",
        "PartnerActor.oversees",
        "any(agency.path.startswith(path) for path in self.paths)",
        "False",
    ),
    (
        "onestop.partners.models",
        "PartnerActor.has_role",
        "any(role in roles for scope in self.scopes for role in ROLES.get(scope, ()))",
        "False",
    ),
    ("onestop.dossiers.models", "DossierQuerySet.visible_to", "Q(agency__in=agencies) | Q(unit__in=agencies)", "Q()"),
    ("onestop.dossiers.models", "DossierQuerySet.visible_to", "Q(agency__in=agencies) | ", ""),
    ("onestop.dossiers.models", "DossierQuerySet.visible_to", " | Q(unit__in=agencies)", ""),
    ("onestop.api.dossiers.dossiers", "told_to", ".visible_to(colleague)", ""),
    ("onestop.api.dossiers.dossiers", "for_change", ".visible_to(colleague)", ".all()"),
    ("onestop.api.dossiers.history", "HistoryView.get", ".visible_to(self.colleague)", ""),
    ("onestop.api.dossiers.attachments", "AttachmentsView.get", ".visible_to(self.colleague)", ""),
    ("onestop.api.dossiers.attachments", "AttachmentView.get", ".visible_to(self.colleague)", ""),
    ("onestop.api.votes", "DossierVoteView.post", ".visible_to(self.colleague)", ".all()"),
    ("onestop.api.votes", "DossierQuestionsView.get", ".visible_to(self.colleague)", ""),
    ("onestop.api.votes", "VotesView.get", "overseen = self.colleague.agencies", f"overseen = {EVERY}"),
    (
        "onestop.api.statistics",
        "StatisticsView._agencies",
        "overseen = self.colleague.agencies",
        f"overseen = {EVERY}",
    ),
    ("onestop.api.dossiers.intake", "Catalogue.look_up", "self.colleague.agencies", EVERY),
    ("packets.api.packets", "told_to", ".told_to(colleague)", ""),
    ("packets.models", "PacketQuerySet.told_to", "self.filter(seen, ", "self.filter("),
    (
        "packets.models",
        "PacketQuerySet.told_to",
        ", Q(portal__partner=None) | Q(portal__partner=colleague.partner)",
        "",
    ),
    ("packets.api.webhooks", "_Webhooks.own", ".webhooks_of(self.colleague.partner)", ".all()"),
]

# How many more such lines a module has, which only say how to find what may be seen in any case.
HARMLESS = {"onestop.api.dossiers.dossiers": 1}


def code_of(module: str, function: str, old: str, new: str) -> CodeType:
    """The function's code, compiled from the module's text with `old` replaced in it."""
    lines, start = inspect.getsourcelines(inspect.unwrap(found(module, function)))
    text = "".join(lines)
    assert text.count(old) == 1, f"{module}.{function} has no such line any more, or several: {old}"
    before = Path(inspect.getfile(import_module(module))).read_text().splitlines(keepends=True)
    whole = "".join([*before[: start - 1], text.replace(old, new), *before[start - 1 + len(lines) :]])
    return next(code for code in codes(compile(whole, module, "exec")) if code.co_qualname == function)


def codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


def found(module: str, function: str) -> Any:
    place: Any = import_module(module)
    for name in function.split("."):
        place = inspect.getattr_static(place, name)
    return place.fget if isinstance(place, property) else place


def first_fault(site: Office) -> str | None:
    """Looked for where each thing is named first: most lines are missed there."""
    for name in sorted(operations(), key=len):
        if AGREED[name].scope is not None and (faults := slice_of(site, name).faults):
            return faults[0]
    for route in routes():
        if faults := undeclared(site, route).faults:
            return faults[0]
    return None


@pytest.mark.parametrize(("module", "function", "old", "new"), LINES)
def test_a_line_that_is_taken_away_is_missed(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    function: str,
    old: str,
    new: str,
) -> None:
    monkeypatch.setattr(inspect.unwrap(found(module, function)), "__code__", code_of(module, function, old, new))
    assert first_fault(request.getfixturevalue("office"))


@pytest.mark.parametrize("name", [name for name, agreed in AGREED.items() if agreed.scope])
def test_another_scope_on_an_operation_is_missed(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    site: Office = request.getfixturevalue("office")
    view, method = operations()[name].view, name.split(" ")[0].lower()
    for other in {ApiScope.CATALOG_READ, ApiScope.DOSSIERS_READ, ApiScope.DOSSIERS_MOVE} - {AGREED[name].scope}:
        monkeypatch.setattr(view, "scopes", {**view.scopes, method: other})
        assert slice_of(site, name).faults, other


def test_no_line_that_asks_for_what_a_partner_sees_is_left_out() -> None:
    asking = re.compile(r"\.visible_to\(|\.told_to\(|\.webhooks_of\(|colleague\.agencies")
    for place in ("onestop/api", "packets/api"):
        for file in Path(place).rglob("*.py"):
            module = ".".join(file.with_suffix("").parts)
            mutated = HARMLESS.get(module, 0) + sum(
                bool(asking.search(old)) for where, _function, old, _new in LINES if where == module
            )
            assert mutated == len(asking.findall(file.read_text())), f"not all of {module} is in LINES"
