"""Shares of a whole, as people and the standard want them: one decimal, and together exactly 100."""

from __future__ import annotations

from collections.abc import Sequence


def shares(counts: Sequence[int]) -> list[float]:
    """Each count's percent, adding up to exactly 100: the largest remainders take what rounding left. Of 0, all 0."""
    total = sum(counts)
    if not total:
        return [0.0] * len(counts)
    tenths = [1000 * count // total for count in counts]
    by_remainder = sorted(range(len(counts)), key=lambda index: -(1000 * counts[index] % total))
    for index in by_remainder[: 1000 - sum(tenths)]:
        tenths[index] += 1
    return [tenth / 10 for tenth in tenths]


def pair(part: int, whole: int) -> tuple[int, int]:
    """`part` of `whole`, half up, and the rest of it, in tenths of a percent: together 1000. Both 0 of nothing."""
    if not whole:
        return 0, 0
    tenths = (2000 * part + whole) // (2 * whole)
    return tenths, 1000 - tenths
