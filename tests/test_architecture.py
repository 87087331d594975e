"""Guards docs/architecture.md: which apps a template may name, and where the receiver's words stop.

Which module may import which is held by import-linter (`make lint`).
"""

import ast
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.template.loader import get_template

from onestop.common.slots import filled_slots
from onestop.staff.access import permissions
from onestop.staff.models import Role
from packets import dialects
from packets.schemas.check import SCHEMAS

ROOT: Path = settings.BASE_DIR
# From the ground up: each floor may use what stands before it. `api` and `packets` do not know each other.
FLOORS = ("catalog", "staff", "partners", "rest", "dossiers", "batches", "votes", "statistics")
MAY_NAME = {
    **{app: set(FLOORS[:number]) for number, app in enumerate(FLOORS)},
    "api": set(FLOORS),
    "demo": set(FLOORS),
    "packets": {*FLOORS, "demo"},
}


def sources(*folders: str) -> Iterator[Path]:
    for path in chain.from_iterable((ROOT / folder).rglob("*.py") for folder in folders):
        if "migrations" not in path.parts:
            yield path


def home(path: Path) -> str:
    """The app a file belongs to; "" for the files that serve them all."""
    parts = path.relative_to(ROOT).parts
    return "packets" if parts[0] == "packets" else parts[1] if len(parts) > 2 else ""


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, written out in full."""
    package = list(path.relative_to(ROOT).with_suffix("").parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("folder", [f"onestop/{app}" for app in FLOORS])
def test_the_domain_reaches_packets_by_no_other_way_either(folder: str) -> None:
    """Neither signals, nor a string that names the sync app."""
    for path in sources(folder):
        # What partners may read is named in public, by that name; it leads nowhere.
        text = path.read_text(encoding="utf-8").replace('PACKETS_READ = "packets:read"', "")
        assert "django.db.models.signals" not in text, path
        assert "@receiver" not in text, path
        assert not re.search(r"""["']packets[.:"']""", text), path


# Where a receiver's words may stand: beside the dialects the schemas' own rules, and the practice portal, which plays
# the receiver.
RECEIVERS = ("packets/dialects/", "packets/schemas/", "packets/sandbox/")


def wire_names() -> set[str]:
    def names(schema: object) -> Iterator[str]:
        if isinstance(schema, dict):
            yield from schema.get("properties", {})
            for part in schema.values():
                yield from names(part)

    every = set(chain.from_iterable(names(schema) for schema in SCHEMAS.values()))
    # Plain words, which anybody may use; and the names in a receiver's reply.
    plain = {"Address", "Comment", "Email", "Note", "Phone", "Total", "Month", "Year", "Content"}
    return every - plain | {"Status", "Message"}


def test_the_receiver_s_words_stop_at_the_dialects_and_their_schemas() -> None:
    words = wire_names()
    assert {"Attachmentld", "PreExtisting", "OrganInchargeIdLevel1", "Status"} <= words
    pattern = re.compile(r"\b(" + "|".join(sorted(words - {"Pending", "Base64", "Questions"})) + r")\b")
    for path in sources("onestop", "packets"):
        place = str(path.relative_to(ROOT))
        # One text there tells operators what the standard's own field can say.
        if not place.startswith((*RECEIVERS, "packets/switches/success.py")):
            code = "\n".join(names_in(path))
            assert not pattern.search(code), (place, pattern.findall(code))


def test_no_dialect_and_no_kind_of_packet_is_named_outside_of_the_dialects() -> None:
    codes = {dialect.code for dialect in dialects.all()}
    kinds = {kind.code for dialect in dialects.all() for kind in dialect.kinds}
    assert {"qd1705", "webhook", "document", "event"} <= codes | kinds
    words = {*codes, *kinds, *(word.upper() for word in codes | kinds)}
    may = {
        # Examples in the contract, a field of it, the address of a resource, constraints and an index of the tables.
        "packets/api/packets.py": {"document"},
        "packets/api/deliveries.py": {"event", "ping"},
        "packets/api/urls.py": {"webhook"},
        "packets/models/portal.py": {"webhook", "event", "ping"},
    }
    for path in sources("packets"):
        place = str(path.relative_to(ROOT))
        if not place.startswith(RECEIVERS):
            # As a name in lower case some of them are plain words.
            named = words & (set(constants_in(path)) | {name for name in names_in(path) if name.isupper()})
            assert named <= may.get(place, set()), (place, named)
            dialect = re.compile(rf"packets\.dialects\.({'|'.join(codes)})\b")
            assert not [module for module in imported(path) if dialect.match(module)], place


def constants_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def names_in(path: Path) -> Iterator[str]:
    """Every name, attribute and string of a file that is not a docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                yield text


def test_every_template_compiles_and_is_used() -> None:
    folder = ROOT / "templates"
    everything = "\n".join(
        path.read_text(encoding="utf-8")
        for path in chain(sources("onestop", "packets"), folder.rglob("*.html"), folder.rglob("*.txt"))
    )
    # Django finds these by their name alone.
    conventional = re.compile(r"^(400|403|403_csrf|404|500)\.html$|^admin/|^django/forms/")
    for path in folder.rglob("*.*"):
        name = str(path.relative_to(folder))
        get_template(name)
        assert conventional.search(name) or f'"{name}"' in everything, f"nobody uses templates/{name}"


TEMPLATES = {str(path.relative_to(ROOT / "templates")): path for path in (ROOT / "templates").rglob("*.html")}
# What belongs to no app of ours is the frame of every page; it knows who is signed in, and nothing above that.
FRAME = {"catalog", "staff"}
LIBRARIES = {path.stem: path.parent.parent.name for path in ROOT.glob("onestop/*/templatetags/*.py")}
NAMES_A_PAGE = re.compile(r"""\burl\s+["'](\w+):""")
NAMES_A_TEMPLATE = re.compile(r"""["'](\w+)/[\w/]+\.html["']""")
LOADS = re.compile(r"{%\s*load\s+([\w\s]+?)\s*%}")
ASKS_A_ROLE = re.compile(
    r"\buser\.(role\b|is_staff|is_superuser|has_perm|has_role)|\bperms\.|"
    + "|".join(f"[\"']{role}[\"']" for role in Role)
)


def apps_named(template: str) -> set[str]:
    """The apps of ours whose pages, templates or template tags a template's text names."""
    tags = chain.from_iterable(match.split() for match in LOADS.findall(template))
    named = {*NAMES_A_PAGE.findall(template), *NAMES_A_TEMPLATE.findall(template)}
    return {app for app in (*named, *(LIBRARIES.get(tag, "") for tag in tags)) if app in MAY_NAME}


def test_templates_name_only_the_apps_below_theirs() -> None:
    """What an app above adds to a page comes through a slot: see `onestop.common.slots`."""
    for name, path in TEMPLATES.items():
        app = name.split("/")[0]
        allowed = {app, *MAY_NAME[app]} if app in MAY_NAME else FRAME
        assert apps_named(path.read_text(encoding="utf-8")) <= allowed, name


@pytest.mark.parametrize(
    ("template", "app"),
    [
        ("<a href=\"{% url 'packets:overview' %}\">", "packets"),
        ('{% include "dossiers/field.html" with field=form.name %}', "dossiers"),
        ('{% extends "votes/kiosk_frame.html" %}', "votes"),
        ("{% load i18n figures static %}", "statistics"),
    ],
)
def test_the_guard_of_templates_sees_pages_templates_and_tags(template: str, app: str) -> None:
    assert apps_named(template) == {app}


def test_templates_ask_for_permissions_by_name_and_for_no_role() -> None:
    for name, path in TEMPLATES.items():
        text = path.read_text(encoding="utf-8")
        assert not ASKS_A_ROLE.search(text), name
        assert set(re.findall(r"\bmay\.(\w+)", text)) <= permissions(), name


def test_every_slot_is_both_shown_and_filled() -> None:
    templates = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES.values())
    assert set(re.findall(r"""{% slot ["']([\w-]+)["']""", templates)) == filled_slots()


def test_code_leads_to_no_page_or_template_above_its_app() -> None:
    for path in sources("onestop", "packets"):
        text = path.read_text(encoding="utf-8")
        pages = re.findall(r"""\b(?:reverse|reverse_lazy|redirect)\(\s*["'](\w+):""", text)
        named = {app for app in (*pages, *NAMES_A_TEMPLATE.findall(text)) if app in MAY_NAME}
        assert named <= {home(path), *MAY_NAME.get(home(path), set())}, path


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_every_app_of_ours_stands_in_the_picture() -> None:
    picture = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    for config in apps.get_app_configs():
        if config.name.startswith("onestop.") or config.name == "packets":
            assert re.search(rf"{config.label}/", picture), config.label
