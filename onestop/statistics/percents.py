"""Percents as the office publishes them: one decimal, half up, and each pair adds up to 100."""


def pair(part: int, whole: int) -> tuple[int, int]:
    """`part` of `whole` and the rest of it, in tenths of a percent; both 0 of nothing."""
    if not whole:
        return 0, 0
    tenths = (2000 * part + whole) // (2 * whole)
    return tenths, 1000 - tenths
