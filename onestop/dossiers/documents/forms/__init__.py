"""The printed forms, one a file, each with a `KIND`; a new file here is a new form."""

from importlib import import_module
from pkgutil import iter_modules

from onestop.dossiers.documents.kinds import FormKind, FormSet


def _kinds() -> list[FormKind]:
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    return sorted((module.KIND for module in modules), key=lambda kind: kind.number)


KINDS: dict[str, FormKind] = {kind.name: kind for kind in _kinds()}


def kinds_in(form_set: FormSet) -> list[FormKind]:
    """The forms of one circular, by number."""
    return [kind for kind in KINDS.values() if form_set in kind.titles]
