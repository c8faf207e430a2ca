"""The kinds of pictures by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from skgd._checks import did_you_mean

from .convergence import Convergence
from .curve import Curve
from .landscape import Contour, Surface
from .plane import Slice
from .run import Run
from .scene import Scene

KINDS: Mapping[str, type[Scene]] = MappingProxyType(
    {
        "curve": Curve,
        "contour": Contour,
        "surface": Surface,
        "slice": Slice,
        "convergence": Convergence,
    }
)
"""The kinds of pictures by name."""


def scene_of(kind: object, runs: Sequence[Run]) -> type[Scene]:
    """Return the picture that `kind` stands for, or raise ValueError."""
    run = runs[0]
    sizes = sorted({each.n for each in runs})
    if kind == "auto":
        flat: dict[int, type[Scene]] = {1: Curve, 2: Contour}
        drawable = run.fun is not None and len(sizes) == 1
        return flat.get(run.n, Convergence) if drawable else Convergence
    if not isinstance(kind, str) or kind not in KINDS:
        names = ["auto", *KINDS]
        raise ValueError(
            f"kind must be one of {', '.join(names)}, got {kind!r}{did_you_mean(str(kind), names)}"
        )
    scene = KINDS[kind]
    if scene.dimensions is None:
        return scene
    if not run.n:
        raise ValueError(f"kind={kind!r} needs path, the iterates; use kind='convergence'")
    if len(sizes) > 1:
        raise ValueError(
            f"kind={kind!r} shows runs in equally many variables, and these have "
            f"{' and '.join(map(str, sizes))}; use kind='convergence'"
        )
    if run.n not in scene.dimensions:
        low = scene.dimensions.start
        wanted = f"{low}" if len(scene.dimensions) == 1 else f"at least {low}"
        raise ValueError(
            f"kind={kind!r} is for {wanted} variable{'s'[: low - 1]}, and this run has {run.n}; "
            "use kind='auto'"
        )
    if run.fun is None:
        raise ValueError(f"kind={kind!r} needs fun, the function to draw")
    return scene
