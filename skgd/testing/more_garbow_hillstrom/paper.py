"""Where the problems come from."""

from __future__ import annotations


def cited(number: int) -> str:
    """Return the citation of a problem by its number in the paper."""
    return (
        "J. J. Moré, B. S. Garbow, K. E. Hillstrom, Testing unconstrained optimization software, "
        f"ACM Trans. Math. Softw. 7 (1981) 17-41, problem {number}"
    )
