"""Dossier codes in the order of either circular."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from onestop.dossiers.codes.format import CODE, format_code, identifier

DATA = Path(__file__).resolve().parents[3] / "../shared/data"


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("H22", "H22.000.00", "000.00.00.H22"),
        ("H22.24.01", "H22.024.01", "000.01.24.H22"),
        ("H22.1.2", "H22.001.02", "000.02.01.H22"),
        ("000.00.20.G15", "G15.020.00", "000.00.20.G15"),
        ("000.01.20.G15", "G15.020.01", "000.01.20.G15"),
        ("000.00.00.H22", "H22.000.00", "000.00.00.H22"),
        # No room is no reason to cut: two agencies would become one.
        ("H22.1234.567", "H22.1234.567", "000.567.1234.H22"),
        ("H22.1.2.3", "H22.001.02.3", "003.02.01.H22"),
        ("H22.1.2.3.4", "H22.001.02.3.4", "4.003.02.01.H22"),
        # A zero level in between is a level.
        ("H22.0.5", "H22.000.05", "000.05.00.H22"),
        # No ministry or province in it: a business's tax code.
        ("0100100079", "0100100079.000.00", "000.00.00.0100100079"),
    ],
)
def test_an_agency_is_written_in_either_order(code: str, first: str, last: str) -> None:
    assert identifier(code, "level1_first") == first
    assert identifier(code, "level1_last") == last


@pytest.mark.parametrize("order", ["level1_first", "level1_last"])
def test_writing_an_identifier_again_changes_nothing(order: str) -> None:
    written = identifier("H22.24.01", order)
    assert identifier(written, order) == written


def test_a_code_is_identifier_day_and_number() -> None:
    day = date(2026, 1, 25)
    assert format_code("H22.001.00", day, 1) == "H22.001.00-260125-0001"
    assert format_code("H22.001.00", day, 10000) == "H22.001.00-260125-10000"
    assert format_code("H22.001.00", day, 1, owner_digits="01") == "H22.001.00-260125-010001"


@pytest.mark.parametrize(
    "text",
    [
        "H22.001.00-260125-0001",
        "H22.001.00-260125-010001",
        "000.00.01.H22-181023-0001",
        "000.00.01.H26-260930-0012",
        "H22-240229-123456",
    ],
)
def test_codes_of_both_orders_are_recognised(text: str) -> None:
    assert CODE.fullmatch(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "H22.001.00-260125-001",
        "H22.001.00-261325-0001",
        "H22.001.00-260132-0001",
        "H22.001.00-2601250-0001",
        "h22.001.00-260125-0001",
        "H22..00-260125-0001",
        "H22.001.00.-260125-0001",
        "H22.001.00-260125-0001\n",
        "H22.001.00-260125-٠٠٠١",
        "H22.001.00_260125_0001",
    ],
)
def test_other_texts_are_not_codes(text: str) -> None:
    assert not CODE.fullmatch(text)


@pytest.mark.skipif(not DATA.is_dir(), reason="the folder of real data does not lie beside the project")
@pytest.mark.parametrize("order", ["level1_first", "level1_last"])
def test_only_an_agency_known_by_two_spellings_shares_its_identifier(order: str) -> None:
    spellings: dict[str, set[str]] = defaultdict(set)
    for agency in json.loads((DATA / "agencies.json").read_text(encoding="utf-8")):
        written = identifier(agency["code"], order)
        assert CODE.fullmatch(format_code(written, date(2026, 1, 25), 1))
        spellings[written].add(agency["code"])
    shared = {frozenset(codes) for codes in spellings.values() if len(codes) > 1}
    assert shared == {
        frozenset({"000.00.19.G06", "G06.19"}),
        frozenset({"000.00.20.G06", "G06.20"}),
        frozenset({"G01.306.000", "G01.306.000.000"}),
        frozenset({"G01.307.000", "G01.307.000.000"}),
    }
