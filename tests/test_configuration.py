"""docs/configuration.md is what `python -m onestop.configuration` prints, and lists every variable that is read."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from onestop.configuration import SETTINGS, page, variables

ROOT: Path = settings.BASE_DIR


def test_the_page_is_what_the_settings_say() -> None:
    written = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    assert written == page(SETTINGS.read_text(encoding="utf-8")), (
        "run: python -m onestop.configuration > docs/configuration.md"
    )


def test_every_read_of_the_environment_is_a_row_of_the_page() -> None:
    source = SETTINGS.read_text(encoding="utf-8")
    read = re.findall(r"""\b(?:env\.\w+|secret|rate|positive|hour|day|networks)\(\s*"([A-Z_]+)\"""", source)
    assert len(read) > 30
    assert sorted(read) == sorted(variable.name.split("`")[0] for variable in variables(source))
    assert not re.search(r"os\.(environ|getenv)", source)


def test_a_variable_without_its_meaning_is_refused() -> None:
    with pytest.raises(ValueError, match="NEW_KNOB"):
        page('NEW_KNOB = env.int("NEW_KNOB", default=1)\n')
    with pytest.raises(ValueError, match="NEW_KNOB"):
        page('# A knob.\nNEW_KNOB = env.int("NEW_KNOB", default=1 + 1)\n')
    assert "| `NEW_KNOB` | whole number | A knob. | two |" in page(
        '# A knob. Unset: two.\nNEW_KNOB = env.int("NEW_KNOB", default=1 + 1)\n'
    )
