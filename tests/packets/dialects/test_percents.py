"""Percents as the standard wants them: one decimal, half up, and every whole exactly 100."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from onestop.catalog.models import Agency
from onestop.statistics.models import Publication
from packets.dialects.qd1705.build import statistic, votes
from packets.dialects.qd1705.messages import Statistic, VoteQuestion, Votes

COUNTS = st.integers(0, 3000) | st.integers(0, 2_000_000_000)
TALLIES = st.tuples(COUNTS, COUNTS, COUNTS)
PROVINCE = Agency(code="H22", name="UBND tỉnh Gia Lai")


def a_statistic(in_time: int = 0, late: int = 0, pending: int = 0, pending_late: int = 0) -> Statistic:
    publication = Publication(
        agency=PROVINCE,
        year=2026,
        month=10,
        carried_over=0,
        new_reception=in_time + late + pending + pending_late,
        solved_in_time=in_time,
        solved_late=late,
        pending=pending,
        pending_late=pending_late,
    )
    return statistic(publication)


def a_vote(*tallies: tuple[int, int, int]) -> Votes:
    rows = [
        {"question": f"Câu {n}?", "very_good": tally[0], "good": tally[1], "bad": tally[2]}
        for n, tally in enumerate(tallies, 1)
    ]
    return votes(Publication(agency=PROVINCE, year=2026, month=10, ballots=7, tallies=rows))


def as_written(percent: float) -> Decimal:
    """The number as it stands in the packet."""
    return Decimal(repr(percent))


def half_up(part: int, whole: int) -> Decimal:
    share = Fraction(100 * part, whole)
    # Enough digits that dividing can neither make nor hide a half.
    exact = Decimal(share.numerator) / Decimal(share.denominator)
    return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


def shares(row: Votes | VoteQuestion) -> list[Decimal]:
    return [as_written(percent) for percent in (row.PercentVeryGood, row.PercentGood, row.PercentBad)]


# ---- statistics


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_the_two_halves_of_a_pair_add_to_exactly_100(in_time: int, late: int, pending: int, pending_late: int) -> None:
    made = a_statistic(in_time, late, pending, pending_late)
    solved = as_written(made.SolvedInTimePercent) + as_written(made.SolvedLatePercent)
    open_ = as_written(made.PendingPercent) + as_written(made.PendingLatePercent)
    assert solved == (100 if in_time + late else 0)
    assert open_ == (100 if pending + pending_late else 0)


@given(COUNTS, COUNTS)
def test_solved_in_time_and_pending_late_are_the_halves_that_are_rounded(rounded: int, partner: int) -> None:
    made = a_statistic(in_time=rounded, late=partner, pending=partner, pending_late=rounded)
    expected = half_up(rounded, rounded + partner) if rounded + partner else Decimal(0)
    assert as_written(made.SolvedInTimePercent) == expected
    assert as_written(made.PendingLatePercent) == expected


def test_half_a_tenth_is_rounded_up() -> None:
    made = a_statistic(in_time=1, late=1999, pending=1999, pending_late=1)
    assert (made.SolvedInTimePercent, made.SolvedLatePercent) == (0.1, 99.9)
    assert (made.PendingLatePercent, made.PendingPercent) == (0.1, 99.9)


def test_of_nothing_both_halves_are_nought() -> None:
    made = a_statistic()
    assert (made.SolvedInTimePercent, made.SolvedLatePercent) == (0, 0)
    assert (made.PendingPercent, made.PendingLatePercent) == (0, 0)


def test_a_half_may_be_nought_or_all() -> None:
    assert a_statistic(late=3).SolvedLatePercent == 100
    assert a_statistic(in_time=3).SolvedLatePercent == 0
    assert a_statistic(pending=3).PendingPercent == 100


# ---- votes


@given(st.lists(TALLIES, max_size=4))
def test_the_three_shares_add_to_exactly_100_for_all_and_for_each_question(
    tallies: list[tuple[int, int, int]],
) -> None:
    made = a_vote(*tallies)
    questions = made.Questions if isinstance(made.Questions, list) else []
    assert len(questions) == len(tallies)
    for question, tally in zip(questions, tallies, strict=True):
        assert sum(shares(question)) == (100 if any(tally) else 0)
    assert sum(shares(made)) == (100 if any(any(tally) for tally in tallies) else 0)


@given(TALLIES.filter(any))
def test_no_share_is_a_tenth_or_more_from_the_truth_and_a_larger_count_has_no_smaller_share(
    tally: tuple[int, int, int],
) -> None:
    made = shares(a_vote(tally))
    truth = [Fraction(100 * count, sum(tally)) for count in tally]
    assert all(abs(Fraction(share) - true) < Fraction(1, 10) for share, true in zip(made, truth, strict=True))
    ranked = sorted(zip(tally, made, strict=True))
    assert [share for _count, share in ranked] == sorted(made)


def test_the_largest_remainder_takes_what_rounding_left() -> None:
    # 1/6 is 16.66…, 2/6 is 33.33…: one tenth is left, and the first has lost most.
    assert shares(a_vote((1, 2, 3))) == [Decimal("16.7"), Decimal("33.3"), Decimal("50.0")]
    assert shares(a_vote((2, 1, 0))) == [Decimal("66.7"), Decimal("33.3"), Decimal(0)]


def test_top_figures_are_over_all_answers_not_an_average_of_the_questions() -> None:
    made = a_vote((9, 0, 0), (0, 0, 1))
    assert shares(made) == [Decimal(90), Decimal(0), Decimal(10)]


def test_without_votes_every_share_is_nought() -> None:
    assert shares(a_vote()) == shares(a_vote((0, 0, 0))) == [0, 0, 0]
