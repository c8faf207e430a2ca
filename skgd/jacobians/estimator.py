"""The gradients of one run by simultaneous perturbation, and what is learned on the way."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from skgd import steps
from skgd._rows import Array, Reals
from skgd.noise import Noise
from skgd.requests import Asking, Probes

from .base import BoxBounds, Ground, Jacobian
from .differences import Central
from .waves import Waves

__all__ = ["Estimator", "aim_for"]

LEAST, MOST = 20.0, 2e4
"""The second difference of a coordinate over its perturbation is between so many times the noise:
less does not show, and more is of no use."""

FORGET = 0.05
"""Share of the newest iteration in running means."""

CUT = 4.0
"""A difference is cut where it is so many times as large as usual."""

FARTHEST = 3.0
"""The first limit of a step at the natural rate, in perturbations; it grows while it binds."""

TRUST = 3.0
"""Largest growth of the noise from one estimate to the next."""

SHORTEST, LONGEST = 0.05, 2.0
"""Limits of the perturbations, by those over which the curvature shows."""

TRIES = 10
"""Draws of pairs, the later ones the shorter, before a gradient counts as not finite."""

FAINT = 1e-200
"""The least noise that is reckoned with."""

TINY = 1e-300
"""What a divisor is at least."""

RESTING = 0.25
"""The gain with which a run is taken to rest: of the order of the last gains of `Gains`."""


def aim_for(found: steps.Intervals, noise: float) -> float:
    r"""Return the second difference that the perturbations aim at.

    The error :math:`\sigma/c` by noise and the one by truncation, which grows as
    :math:`c^2 f'''`, balance where the second difference is about
    :math:`2\sigma(F/\sigma)^{1/3}`, with F the size of the changes of the function.
    """
    sizes = [np.abs(part[np.isfinite(part)]) for part in (found.rise, found.change)]
    size = max((float(np.mean(part)) for part in sizes if part.size), default=0.0)
    return float(noise * min(max(2.0 * (size / noise) ** (1.0 / 3.0), LEAST), MOST))


class Estimator(Jacobian):
    """A scheme of simultaneous perturbation that serves one run.

    Parameters
    ----------
    how : SPSA
        What was asked for.
    x : ndarray, shape (n,)
        The start.
    found : Intervals
        Perturbations to start with, and the second differences over them.
    noise : float
        Standard deviation of the noise.
    iterations : float
        How many gradients will be drawn, about.
    coordinates : bool
        Whether the coordinates have perturbations of their own, which are measured again.
    noisy : bool
        Whether the noise is more than rounding.
    ground : Ground
        What else is known of the run.
    chance : Generator
        Where the random numbers come from.

    Attributes
    ----------
    c : ndarray, shape (n,)
        The perturbations, before their decay.
    total : float
        The mean of the second difference over a perturbation of all coordinates.
    noise : float
        Standard deviation of the noise, as measured last.
    failed : int
        How many values of pairs were not finite.
    measured : bool
        Whether the last value was one at the iterate, rather than an estimate.
    cautious : bool
        Whether differences much larger than usual, and gradients that would lead far, are cut.
    """

    by_differences: ClassVar[bool] = True
    random: ClassVar[bool] = True

    def __init__(
        self,
        how: Any,
        x: Array,
        found: steps.Intervals,
        noise: float,
        iterations: float,
        coordinates: bool,
        noisy: bool,
        ground: Ground,
        chance: np.random.Generator,
    ) -> None:
        self._how = how
        self._chance = chance
        self._given = how.step is not None
        self._noisy = noisy
        self._coordinates = coordinates
        self._ground = ground
        self._stability = 0.1 * iterations if math.isfinite(iterations) else 100.0
        self.noise = noise
        n = found.c.size
        reach = steps.first_intervals(x, ground.box)
        self._fixed = ground.box is not None and not (ground.box[0] < ground.box[1]).any()
        self._aim = aim_for(found, noise)
        self.c = found.c
        rise = np.full(n, self._aim)
        if not self._given:
            rise = self._fitted(found, math.inf)
        self._rise = float(rise.sum())
        self.total = max(self._rise, 2.0 * noise)
        self.begun = self.c.copy()
        self._mean = np.zeros(n)
        self._covariance = self._variance = 0.0
        # A single difference may vanish by chance, in the first draw, too.
        change = float(np.linalg.norm(np.nan_to_num(found.change)))
        self._usual = max(change, 2.0 * noise)
        # Where the curvature shows, one step may lead as far as the first intervals did.
        self._farthest = max(FARTHEST, float(np.median(reach / self.c)))
        self._recent: list[float] = []
        self._lowest = self._first = math.inf
        self._third, self._seen = np.zeros(n), 0.0
        self._waves = Waves()
        self._size = 1.0
        self._k = 0
        self._spent = 0
        self._again = 14 * n
        self._sure = 8 * n
        self.failed = 0
        self.measured = False
        self.cautious = True

    @property
    def curvature(self) -> Array:
        """The curvature of each coordinate, scaled so that a natural step is stable."""
        n = self.c.size
        h: Array = self.total / (n * self.c * self.c)
        return h

    @property
    def slope(self) -> tuple[Array, Array] | None:
        """The mean of the last gradients, and its standard error.

        None while there are few, and where values are noisy: then more of them are always better,
        and no test of convergence is as good as the budget.
        """
        n = self.c.size
        if self._fixed:
            return np.zeros(n), np.zeros(n)
        if self._noisy or self._k < self._sure:
            return None
        c = self.scale * self.c
        return self._mean, self.noise / (c * math.sqrt(8.0 * n * self._how.resamplings))

    def report(self) -> dict[str, Any]:
        """Return the perturbations at the start, and as they are."""
        how = self._how
        return {
            "steps": self.c * self.scale,
            "spsa": {
                "c": self.begun,
                "gamma": how.gamma,
                "resamplings": how.resamplings,
                "eval_every": how.eval_every,
                "failed": self.failed,
            },
        }

    @property
    def scale(self) -> float:
        """The perturbations that are used now, in terms of `c`."""
        decay = (1.0 + self._k / (self._stability + 1.0)) ** -self._how.gamma
        return float(self._size * decay)

    def rest(self) -> tuple[float, float]:
        """Return variance and memory of the iterates at rest, as `skgd.averaging` takes them.

        With the gain t in units of the curvature, an iterate has the variance t/8 (s/q)^2 for the
        noise s and the second difference q, and is forgotten after n/t iterations.
        """
        n = self.c.size
        rise = self.total / n
        spread = self.noise / self.scale
        # Products overflow to infinity, where powers would raise an error.
        variance = RESTING / 4.0 * (spread * spread) / max(self.total * rise, TINY)
        return variance, n / (2.0 * RESTING)

    def evaluate(self, x: Array, f: Reals, box: BoxBounds) -> Asking:
        """Ask for the pairs of values, and return a value and the estimate of the gradient.

        The value is the one at `x` where that was asked for, else the mean of the pairs less what
        curvature adds to it.
        """
        if self._coordinates and self._spent >= self._again:
            f = yield from self._measure_again(x, f, box)
        every, m = self._how.eval_every, self._how.resamplings
        look = every > 0 and self._k % every == 0
        own = look and f is None
        scale = self.scale
        # A third of the looks go inward: waves as long as the pairs are hidden from longer ones.
        inward = look and self._noisy and self._k // every % 3 == 2
        wide = 2.0 if not inward else 2.0 ** -self._chance.uniform(1.0, 3.0)
        for attempt in range(TRIES):
            up, down, values = yield from self._draw(x, own, wide if look else 0.0, box, scale)
            pairs = values[own:].reshape(2, -1)
            there = np.isfinite(pairs).all(axis=0)
            if there[:m].any():
                break
            if attempt >= steps.AGAIN:
                # That is no chance: the function is not defined so far out.
                scale *= 0.3
        else:
            return math.nan, np.full_like(x, math.nan)
        if own and math.isfinite(values[0]):
            f = float(values[0])
        if look and there[-1]:
            self._look(x, f, up[[0, -1]], down[[0, -1]], pairs[:, [0, -1]], inward)
        there = np.flatnonzero(there[:m])
        up, down, pairs = up[there], down[there], pairs[:, there]
        self._k += 1
        self.measured = f is not None
        g = self._gradient(up, down, pairs[0] - pairs[1])
        middle = float(pairs.mean())
        if self.cautious:
            self._limit(g, middle)
        if f is None:
            f = middle - 0.5 * self.total * scale**2
        return f, g.astype(x.dtype)

    def confirm(self, x: Array, box: BoxBounds) -> Asking:
        """Ask for value and gradient by central differences, and take that for the mean."""
        f, g = yield from Central().evaluate(x, None, box)
        self._mean = g.astype(float)
        self._sure = self._k + 8 * self._mean.size
        return f, g

    def _draw(self, x: Array, own: bool, wide: float, box: BoxBounds, scale: float) -> Asking:
        """Ask for the values at pairs of points.

        At x itself first, if that is wanted; and to look at curvature and bias, at a last pair that
        is `wide` times as far apart as the first; 0 for none.
        """
        m = self._how.resamplings
        signs = self._chance.integers(0, 2, (m, x.size)) * 2.0 - 1.0
        # A perturbation that is lost in rounding would be a division by zero.
        c = np.maximum(scale * self.c, 4.0 * np.spacing(np.abs(x)))
        if box is not None:
            c = steps.opposite(x, c, box, self._mean, 0.5 * self.curvature * c)
        if wide:
            signs = np.concatenate((signs, wide * signs[:1]))
        up, down = (x + c * signs).astype(x.dtype), (x - c * signs).astype(x.dtype)
        if box is not None:
            low, high = steps.reach(x, box)
            up, down = np.clip(up, low, high), np.clip(down, low, high)
        points = np.concatenate((x[None], up, down) if own else (up, down))
        values = np.asarray((yield Probes.of_rows(points, gradients=1)), dtype=float)
        self._spent += len(points)
        self.failed += len(points) - int(np.count_nonzero(np.isfinite(values)))
        return up, down, values

    def _gradient(self, up: Array, down: Array, change: Array) -> Array:
        """Return the estimate from the changes of the value, and learn for the next ones."""
        width = np.subtract(up, down, dtype=float)
        inverse = np.divide(1.0, width, out=np.zeros_like(width), where=width != 0.0)
        size = float(np.sqrt(np.mean(change * change)))
        if self._k <= 1:
            self._usual = max(self._usual, size)
        if self.cautious:
            change = np.clip(change, -CUT * self._usual, CUT * self._usual)
        size = min(size, 2.0 * CUT * self._usual)
        usual = math.hypot(math.sqrt(1.0 - FORGET) * self._usual, math.sqrt(FORGET) * size)
        self._usual = max(usual, FAINT)
        expected = width @ self._mean
        self._covariance += FORGET * (float(np.mean(expected * change)) - self._covariance)
        self._variance += FORGET * (float(np.mean(expected * expected)) - self._variance)
        share = 0.0
        if self._variance > 0.0:
            share = min(max(self._covariance / self._variance, 0.0), 1.0)
        g: Array = share * self._mean + ((change - share * expected)[:, None] * inverse).mean(0)
        surprise = ((change - expected)[:, None] * inverse).mean(0)
        self._mean = self._mean + 0.5 / self._mean.size * surprise
        return g

    def _look(self, x: Array, f: Reals, up: Array, down: Array, pairs: Array, inward: bool) -> None:
        """Take in the usual pair, and another one at a shorter or at twice the distance."""
        if inward:
            usual, short = np.subtract(up, down, dtype=float)
            self._waves.compare(usual, short, pairs[0] - pairs[1], self.noise, self.scale)
        elif f is not None:
            self._learn_curvature(x, f, up[-1], down[-1], pairs[:, -1])
            self._learn_bias(x, up, down, pairs[0] - pairs[1])

    def _limit(self, g: Array, middle: float) -> None:
        """Cut, in place, an estimate that would lead too far at the natural rate."""
        self._recent = [*self._recent[-4:], middle]
        level = sorted(self._recent)[len(self._recent) // 2]
        if self._k == 1:
            self._first = middle
        if level > self._lowest + 6.0 * self.noise + 2.0 * self.total:
            # The last steps led uphill: they met more curvature than is known.
            self.total *= 2.0
            self._farthest = max(1.0, 0.5 * self._farthest)
            if level > self._first + 6.0 * self.noise and not self._given:
                # Above the start they are no good at all, nor are the perturbations.
                self.total = max(self.total, 0.25 * (level - self._first))
                aim = self._mean.size * self._aim
                shorter = min(max(math.sqrt(aim / self.total), 0.3), 1.0)
                self.c = shorter * self.c
                self.total *= shorter**2
                self._rise *= shorter**2
            self._recent, self._lowest = [], level
        elif len(self._recent) == 5:
            self._lowest = min(self._lowest, level)
        length = float(np.abs(self.c * g).max()) / self.total
        if length > self._farthest:
            g *= self._farthest / length
            self._farthest *= 1.2
        else:
            self._farthest = max(FARTHEST, 0.97 * self._farthest)

    def _learn_curvature(self, x: Array, f: float, up: Array, down: Array, pair: Array) -> None:
        """Take in the second difference over the wide pair, and adapt the perturbations."""
        forth, back = np.subtract(up, x, dtype=float), np.subtract(down, x, dtype=float)
        # Next to a bound the points do not lie opposite each other.
        rise = float(pair.sum() - 2.0 * f - (forth + back) @ self._mean)
        reach = 0.5 * float(((forth / self.c) ** 2).sum() + ((back / self.c) ** 2).sum())
        if not (math.isfinite(rise) and reach > 0.0):
            return
        n, scale = self.c.size, self.scale
        rise *= n / reach
        if self._given and self._k == 0:
            self._rise = self.total = max(abs(rise), 2.0 * self.noise)
            return
        # The mean with its sign: that of absolute values would grow with the noise.
        self._rise += 0.1 * (min(max(rise, -5.0 * self.total), 5.0 * self.total) - self._rise)
        seen = min(max(abs(self._rise), self.total / 5.0), 5.0 * self.total)
        self.total = max(self.total + 0.1 * (seen - self.total), 2.0 * self.noise)
        if self._given or n * self._aim / 3.0 < self.total < 3.0 * n * self._aim:
            return
        factor = min(max(math.sqrt(n * self._aim / self.total), 0.8), 1.25)
        if factor > 1.0 and self._usual > steps.STEEP * self.noise * scale:
            # The slope stands out of the noise as it is.
            return
        self.c = self.c * factor
        self._rise *= factor * factor
        self.total *= factor * factor

    def _learn_bias(self, x: Array, up: Array, down: Array, change: Array) -> None:
        r"""Compare the slopes over a narrow and a wide pair, and find the best perturbations.

        Their difference is three times the bias b of the narrow one, which third derivatives cause.
        With perturbations s times as long, the average of m iterates at rest has the mean error
        :math:`s^4 b^2/2q` by bias and :math:`n\sigma^2/4mqs^2` by noise, with q the second
        difference: least for :math:`s^6 = n\sigma^2/4mb^2`.
        """
        if self._given or not np.isfinite(change).all():
            return
        narrow, wide = np.subtract(up, down, dtype=float)
        if not np.allclose(wide, 2.0 * narrow, rtol=1e-3):
            # Bounds are near: the pairs are not alike.
            return
        scale = self.scale
        most = CUT * max(self.noise, 0.2 * self._usual)
        third = min(max(0.25 * float(change[1]) - 0.5 * float(change[0]), -most), most)
        window = max(20.0, 0.3 * self._k / self._how.eval_every)
        self._seen = min(self._seen + 1.0, window)
        # In units of the perturbations without their scale, so that it may change.
        sample = np.sign(narrow) * (third / max(scale**3, TINY))
        self._third += (sample - self._third) / self._seen
        n = self.c.size
        square = self.noise * self.noise
        chance = 0.625 * square * n / self._seen / max(scale**6, TINY)
        if self._seen < 20.0 and not self._waves.square:
            return
        bias = (float(np.vdot(self._third, self._third)) - 3.0 * chance) / 9.0
        bias = max(bias, self._waves.square)
        tail = max(0.3 * self._k * self._how.resamplings, 1.0)
        best = LONGEST
        if bias > 0.0:
            best = min((n * square / (4.0 * tail * bias)) ** (1.0 / 6.0), LONGEST)
        # Slowly: what is seen through noise comes and goes.
        self._size = min(max(best, 0.9 * self._size, SHORTEST), 1.1 * self._size)

    def _measure_again(self, x: Array, f: Reals, box: BoxBounds) -> Asking:
        """Ask for noise and curvature here; return the value at x."""
        gauge = Noise() if self._ground.gauge is None else self._ground.gauge
        level, value = yield from gauge.measure(x, box)
        self._again = 2 * self._spent
        if value is None and f is None:
            value = float((yield Probes.of_rows(x[None]))[0])
        f = f if value is None else value
        if not (math.isfinite(f) and math.isfinite(level)):
            # Too many values have failed to tell anything.
            return f if math.isfinite(f) else None
        # One estimate may be far too high, where tails are heavy; the next ones will tell.
        level = min(level, TRUST * self.noise)
        self.noise = max(level, 2.0 * float(np.finfo(x.dtype).eps) * abs(f), FAINT)
        found = steps.Intervals(self.c.copy(), np.zeros(x.size), np.zeros(x.size))
        low, high = steps.reach(x, box)
        yield from steps.remeasure(x, f, box, found, np.flatnonzero(high > low))
        self._aim = aim_for(found, self.noise)
        # What has failed tells nothing: its perturbation is kept.
        found.rise = np.where(np.isfinite(found.rise), found.rise, self._aim)
        rise = self._fitted(found, 5.0)
        self._rise = float(rise.sum())
        self.total = max(self._rise, 2.0 * self.noise)
        return f

    def _fitted(self, found: steps.Intervals, most: float) -> Array:
        """Fit the perturbations to the second differences found; return these as they will be."""
        aim, c = self._aim, found.c
        size = np.where(np.isfinite(found.rise), np.abs(found.rise), 100.0 * aim)
        straight = np.abs(found.change) > steps.STEEP * aim
        with np.errstate(divide="ignore"):
            factor = np.sqrt(aim / size)
        hidden = size < steps.VISIBLE * 1.5 * self.noise
        factor = np.where(hidden, np.where(straight, 1.0, np.maximum(factor, 3.0)), factor)
        longest = min(most, 3.0)
        factor = np.clip(factor, 1e-3 if most == math.inf else 1.0 / most, longest)
        self.c = c * factor
        return np.asarray(np.clip(size * factor**2, aim / 5.0, most * aim))
