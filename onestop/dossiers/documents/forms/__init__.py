"""The printed forms, one in each file, with a `KIND`. A new file here is a new form."""

from importlib import import_module
from pkgutil import iter_modules

from onestop.dossiers.documents.kinds import FormKind, FormSet

_made: list[FormKind] = [import_module(f"{__name__}.{module.name}").KIND for module in iter_modules(__path__)]
# By the name under which they are stored.
KINDS = {kind.name: kind for kind in sorted(_made, key=lambda kind: kind.number)}


def kinds_in(form_set: FormSet) -> list[FormKind]:
    """The forms of one circular, by number."""
    return [kind for kind in KINDS.values() if form_set in kind.titles]
