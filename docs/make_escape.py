"""Draw ``_static/escape.png``, the picture in the README: ``python docs/make_escape.py``.

The two descents on the curve of the article, from the same start with the same learning rate.
"""

from __future__ import annotations

from pathlib import Path

from skgd.article import DESCENTS
from skgd.plotting import save

TARGET = Path(__file__).parent / "_static" / "escape.png"


def main(target: Path = TARGET) -> None:
    """Run the descents and write the picture."""
    descents = [DESCENTS["curve-plain"], DESCENTS["curve-momentum"]]
    results = [descent.minimize(history=True) for descent in descents]
    save(
        [descent.display(res) for descent, res in zip(descents, results, strict=True)],
        target,
        titles=["gd stays in the local minimum", "gd_momentum reaches the lowest point"],
        limits=(-6.0, 11.5),
        size=(4.6, 3.2),
        dpi=160,
        derivative=False,
    )


if __name__ == "__main__":
    main()
