"""The fit of a linear model: an objective, handed to the descent."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from skgd._rows import Array, norm, ratio
from skgd.directions import Direction, Preconditioned
from skgd.distributed import ClusterError
from skgd.limits import Limits
from skgd.losses import Loss
from skgd.progress import Progress
from skgd.proximal import Constraint, optimality
from skgd.rules import Rules
from skgd.runners import run_serially
from skgd.stopping import Reason

from .coordinates import Coordinates, plain_coordinates, scaled_coordinates
from .objective import LinearObjective
from .recipe import How, full_rules, stochastic_rules
from .sampling import coupled
from .stochastic import BatchObjective, Epochs
from .streaming import Memory, Past, assumed, remember
from .targets import Targets
from .task import LinearTask, Task
from .watch import Progressing, Watcher

__all__ = ["Fitted", "How", "Progressing", "Task", "minimise", "minimise_part"]

Watch = Callable[[Progressing], bool]
Model = tuple[Array, Array]

SHRINK = 0.3
"""The factor between the widths of two stages of smoothing."""

PART = 32
"""Rows of a batch when a method of the user's goes through some rows once."""

SERIOUS = (Reason.NONFINITE.status, Reason.DIVERGED.status)
"""Why a descent ended that no more iterations would help."""

CONFIRM = 10
"""How often a fit is confirmed at most."""

RESUME = 20
"""Iterations after which a warm start with a narrow smoothing is given up."""

STAGES = 60
"""Stages of smoothing at most: 0.3^60 is 1e-31."""

FINER = 0.01
"""The factor of the tolerance with which a fit that seems to be done is checked."""

ROUNDING = 100.0
"""A promised decrease of so many units in the last place of the objective is none."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fitted model, and how the fit went.

    Attributes
    ----------
    coef : ndarray, shape (K, d)
        Coefficients.
    intercept : ndarray, shape (K,)
        Intercepts.
    n_iter : int
        Iterations, or epochs of mini-batches.
    loss_curve : list of float
        The objective after each of them.
    result : OptimizeResult
        The last descent, with ``x`` as the coefficients of all outputs and then the intercepts.
    converged : bool
        Whether the tolerance was met, or the fit ended by its own rule.
    advice : str
        What to do if it was not.
    memory : object
        What `partial_fit` hands to the next call.
    """

    coef: Array
    intercept: Array
    n_iter: int
    loss_curve: list[float]
    result: Any
    converged: bool
    advice: str
    memory: Any = None


def minimise(
    task: LinearTask,
    how: How,
    start: Model | None = None,
    watch: Watch | None = None,
    memory: Any = None,
) -> Fitted:
    """Fit a linear model.

    Parameters
    ----------
    task : LinearTask
        Data, loss and penalty.
    how : How
        Method, tolerance and limits.
    start : tuple of ndarray, shapes (K, d) and (K,), or None
        Coefficients and intercepts to start from; None for the best constant model.
    watch : callable or None
        ``watch(progressing) -> bool`` after each iteration or epoch; True ends the fit.
    memory : object, optional
        `Fitted.memory` of the fit that the start comes from.

    Returns
    -------
    Fitted
        The model.
    """
    if how.batch_size is not None and how.batch_size < task.n:
        return _StochasticFit(_in_memory(task, how), how, watch, 0).run(start)
    if task.outputs > 1 and not coupled(task.loss) and watch is None:
        return _separately(task, how, start, memory)
    width = memory.width if isinstance(memory, Past) else 0.0
    return _FullFit(task, how, watch).run(start, width)


def _separately(task: LinearTask, how: How, start: Model | None, memory: Any) -> Fitted:
    """Fit each output by itself, as they may be of different size; return the whole."""
    widths = memory if isinstance(memory, tuple) else (None,) * task.outputs
    fits = [
        minimise(
            task.output(k),
            how,
            None if start is None else (start[0][k : k + 1], start[1][k : k + 1]),
            memory=widths[k],
        )
        for k in range(task.outputs)
    ]
    failed = [fit for fit in fits if not fit.converged]
    result = (failed or fits)[0].result
    coef = np.vstack([fit.coef for fit in fits])
    intercept = np.concatenate([fit.intercept for fit in fits])
    result.x = _joined_vector(task, coef, intercept)
    for name in ("fun", "nit", "nfev", "njev"):
        result[name] = sum(fit.result[name] for fit in fits)
    n_iter = max(fit.n_iter for fit in fits)
    curves = [fit.loss_curve + fit.loss_curve[-1:] * (n_iter - fit.n_iter) for fit in fits]
    started = [curve for curve in curves if curve]
    return Fitted(
        coef,
        intercept,
        n_iter,
        [float(sum(values)) for values in zip(*started, strict=True)],
        result,
        not failed,
        failed[0].advice if failed else "",
        tuple(fit.memory for fit in fits),
    )


def _joined_vector(task: LinearTask, coef: Array, intercept: Array) -> Array:
    """Return coefficients and, where there are any, intercepts as one vector."""
    parts = [coef.ravel(), intercept] if task.fit_intercept else [coef.ravel()]
    return np.concatenate(parts)


def minimise_part(task: LinearTask, how: How, start: Model | None, memory: Any) -> Fitted:
    """Fit a linear model to some more rows.

    Left to itself, the fit keeps a model of the rows that it has seen (`Memory`); with a method or
    a size of batches of the user's it goes through the rows once, as stochastic methods do.

    Parameters
    ----------
    task : LinearTask
        The rows, loss and penalty.
    how : How
        Method, tolerance and limits.
    start : tuple of ndarray, shapes (K, d) and (K,), or None
        The model so far.
    memory : object
        `Fitted.memory` of the call before; None at first.

    Returns
    -------
    Fitted
        The model, and the memory for the next call.
    """
    if how.batch_size is None and how.automatic:
        if isinstance(memory, tuple):
            memory = memory[0]
        if isinstance(memory, Past) and start is not None:
            memory = assumed(memory, task, *start)
        fit = _FullFit(task, how, None, memory if isinstance(memory, Memory) else None)
        return fit.remembering(fit.run(start))
    task = _in_memory(task, how)
    batch = min(how.batch_size or PART, task.n)
    how = replace(how, batch_size=batch, max_iter=1)
    before = memory if isinstance(memory, int) else 0
    return _StochasticFit(task, how, None, before).run(start)


def _in_memory(task: LinearTask, how: How) -> Task:
    """Return the task, of which mini-batches are wanted.

    Raises
    ------
    ValueError
        When its rows are on a cluster.
    """
    if isinstance(task, Task):
        return task
    if how.batch_size is not None:
        raise ValueError(
            f"batch_size={how.batch_size} has no meaning for Dask collections, whose blocks are "
            "all evaluated at once; leave it out"
        )
    raise ValueError(
        "method must be 'auto' in partial_fit with Dask collections: other methods would go "
        "through them in mini-batches; use fit, or leave it out"
    )


def choose_coordinates(
    task: LinearTask, how: How, targets: Targets, constant: Array, loss: Loss
) -> Coordinates:
    """Return the coordinates that the method works in.

    Parameters
    ----------
    task : LinearTask
        The data.
    how : How
        How it is fitted.
    targets : Targets
        Targets that stand for those of all rows.
    constant : ndarray, shape (K,)
        The best constant predictions.
    loss : Loss
        The loss, smoothed.
    """
    if how.precondition is None:
        return plain_coordinates(task)
    y, p, weights = targets.rows(constant, loss)
    mean = float(np.mean(np.average(loss.curvature(y, p), axis=0, weights=weights)))
    return scaled_coordinates(task, mean if 0.0 < mean < math.inf else 1.0)


def null_model(task: LinearTask, targets: Targets) -> Model:
    """Return the best model without features, or one near to it."""
    intercept = np.zeros(task.outputs, task.dtype)
    if task.fit_intercept:
        constant = np.nan_to_num(targets.constant(task.loss))
        if 1 < len(constant) < task.outputs:
            # The last classes do not occur among these rows.
            missing = task.outputs - len(constant)
            constant = np.pad(constant, (0, missing), constant_values=constant.min())
        intercept[:] = constant
    return np.zeros((task.outputs, task.d), task.dtype), intercept


class _Fit:
    """What every fit has: coordinates, constraint, objective and rules."""

    def __init__(self, task: LinearTask, how: How, watch: Watch | None) -> None:
        self.task, self.how = task, how
        self.targets = task.targets()
        self.null = null_model(task, self.targets)
        self.loss: Loss = task.loss
        self.width = 0.0
        if not task.loss.smooth:
            self.width = float(task.loss.first_width(*self.targets.rows(self.null[1], task.loss)))
            self.loss = task.loss.smoothed(self.width)
        self.coordinates = choose_coordinates(task, how, self.targets, self.null[1], self.loss)
        self.constraint: Constraint | None = task.penalty.constraint(
            self.coordinates.sigma, task.outputs, task.fit_intercept
        )
        self.watcher = Watcher(self.coordinates, watch, how.verbose)

    def _allowed(self, model: Model) -> Array:
        """Return the vector of a model, moved into the allowed set."""
        return self._inside(self.coordinates.vector(*model))

    def _inside(self, u: Array) -> Array:
        """Return the allowed point nearest to a new one."""
        return u if self.constraint is None else np.array(self.constraint.project(u), u.dtype)

    def _fitted(
        self, u: Array, result: Any, converged: bool, relative: float, memory: Any = None
    ) -> Fitted:
        """Return the model at a point."""
        coef, intercept = self.coordinates.model(u)
        intercept = intercept + 0
        result.x = _joined_vector(self.task, coef, intercept)
        result.nit = self.watcher.k
        return Fitted(
            coef,
            intercept,
            self.watcher.k,
            self.watcher.curve,
            result,
            converged or self.watcher.stopped,
            advice(self.how, self.watcher.k, relative, result),
            memory,
        )


class _FullFit(_Fit):
    """One fit with all rows: a descent, or one for each width of the smoothing."""

    def __init__(
        self, task: LinearTask, how: How, watch: Watch | None, memory: Memory | None = None
    ) -> None:
        super().__init__(task, how, watch)
        self.memory = memory
        self.objective = LinearObjective(
            task, self.coordinates, full=how.full_metric, memory=memory
        )
        self.objective.use(self.loss)
        if self.width:
            # Not a method: in a circle of references the rows would stay until they are collected.
            self.watcher.exact = partial(_above, self.objective, task.loss)
        self.rules = full_rules(how, self.constraint, self.loss.local)

    def run(self, start: Model | None, width: float = 0.0) -> Fitted:
        """Return the fitted model.

        Parameters
        ----------
        start : tuple of ndarray, or None
            Where to start; None for the best constant model.
        width : float, default 0
            The smoothing with which the start was found; 0 if that is not known.
        """
        origin = self._allowed(self.null)
        # What the tolerance is relative to does not depend on where the fit starts.
        run, _ = self._descend(origin, gtol=0.0, maxiter=0)
        reference = run.gnorm
        self.start = run.f
        u = origin if start is None else self._allowed(start)
        if self.width and self._perfect(u):
            run, result = self._descend(u, gtol=0.0, maxiter=0)
            return self._ended(run, result, True, reference)
        if self.width:
            if start is not None and 0.0 < width < self.width:
                u = self._resume(u, width)
            return self._continue(u, reference)
        run, result = self._descend(u, self.how.tol * reference, self.how.max_iter)
        if self.how.full_metric:
            run, result = self._confirm(run, result)
        return self._ended(run, result, self._met(run, result), reference)

    def _confirm(self, run: Progress, result: Any) -> tuple[Progress, Any]:
        """Go on until what is left is small beside what was gained, measured in the metric here.

        A gradient that is small beside that of a start far away, or in the metric of the start,
        may have a long way to go.
        """
        for _ in range(CONFIRM):
            left = self.how.max_iter - self.watcher.k
            if not result.success or self.watcher.stopped or left <= 0:
                break
            gained = max(self.start - run.best_f, 0.0)
            gtol = self.how.tol * math.sqrt(2.0 * gained)
            gtol = max(gtol, math.sqrt(ROUNDING * run.eps * abs(run.best_f)))
            direction = self.rules.direction
            if isinstance(direction, Preconditioned):
                direction = replace(direction, settle=0)
            run, result = self._descend(run.best_x, gtol, left, direction)
            if run.k == 0:
                break
        return run, result

    def _continue(self, u: Array, reference: float) -> Fitted:
        """Descend for one width of the smoothing after the other.

        At the minimum of the smooth problem its slopes are multipliers that bound the minimum of
        the exact one from below; the distance, `gap`, is due to the rows near the kinks alone.
        """
        how, objective, loss = self.how, self.objective, self.task.loss
        gtol, reach, unit = 0.1 * reference, math.inf, self._unit()
        believed, at_start, solution = False, math.inf, u
        for _ in range(STAGES):
            run, result = self._descend(u, gtol, how.max_iter - self.watcher.k)
            way, before, u = norm(run.best_x - u), solution, run.best_x
            solution = u
            smooth = objective.value(u)
            exact, gap = objective.exact(loss)
            result.fun += exact - smooth
            total = exact + self._penalty(u)
            tolerance = how.tol * abs(total) + max(how.tol**2, ROUNDING * run.eps) * unit
            # The minimum is no further, about, than the last stages went.  One that had no step to
            # take says nothing of where it is, unlike one that found none that goes down.
            if way > 0.0 or not result.success:
                reach = way if reach == math.inf else max(way, SHRINK * reach)
            residual = norm(optimality(u, objective.gradient(u), self.constraint))
            left = max(0.5 * run.gnorm * run.gnorm, residual * reach if residual > 0.0 else 0.0)
            close = self._met(run, result) and gap + left <= tolerance
            done = close and believed and at_start - smooth <= tolerance
            # A loss with kinks is nowhere negative.
            done = done or total <= ROUNDING * run.eps * unit
            if done or self.watcher.stopped or self.watcher.k >= how.max_iter:
                break
            # Only a further descent with a finer tolerance tells whether what is left was right.
            believed, at_start = close, smooth
            if not close and gap > 0.5 * tolerance:
                self.width *= SHRINK
                objective.use(loss.smoothed(self.width))
                u = self._ahead(u, before)
            wanted = SHRINK * max(SHRINK * gap, tolerance)
            finer = SHRINK * run.gnorm
            if reach < math.inf:
                finer = ratio(run.gnorm * wanted, residual * reach, math.inf)
            gtol = min(math.sqrt(wanted), finer)
            gtol *= FINER if close else 1.0
        return self._ended(run, result, done, reference)

    def _perfect(self, u: Array) -> bool:
        """Tell whether the exact objective, which is nowhere negative, is zero."""
        self.objective.value(u)
        exact, _ = self.objective.exact(self.task.loss)
        eps = float(np.finfo(self.task.dtype).eps)
        return exact + self._penalty(u) <= ROUNDING * eps * self._unit()

    def _unit(self) -> float:
        """Return the mean loss of predictions that are off by the first width of smoothing."""
        y, p, weights = self.targets.rows(self.null[1], self.task.loss)
        p = p + np.asarray(self.width, self.task.dtype)
        return float(np.average(self.task.loss.value(y, p).astype(float), weights=weights))

    def _resume(self, u: Array, width: float) -> Array:
        """Begin with a narrow smoothing if that leads somewhere from here."""
        first = self.width
        self.objective.use(self.task.loss.smoothed(width))
        self.objective.value(u)
        exact, gap = self.objective.exact(self.task.loss)
        tolerance = math.sqrt(self.how.tol * abs(exact) + gap)
        run, result = self._descend(u, tolerance, RESUME)
        if self._met(run, result):
            self.width = width
            return run.best_x
        self.objective.use(self.task.loss.smoothed(first))
        return u

    def _ahead(self, u: Array, before: Array) -> Array:
        """Return where the next stage begins: further on the way of the last one, if it is lower.

        As long as the same rows are near their kinks, the minimum is linear in the width.
        """
        guess = self._inside(u + SHRINK * (u - before))
        return guess if self._lower(guess, u) else u

    def _penalty(self, u: Array) -> float:
        """Return the part of the penalty that is not smooth."""
        return 0.0 if self.constraint is None else float(self.constraint.value(u))

    def _lower(self, a: Array, b: Array) -> bool:
        """Tell whether the objective with its penalty is lower at the first point."""
        at_b = self.objective.value(b) + self._penalty(b)
        return self.objective.value(a) + self._penalty(a) < at_b

    def _descend(
        self, u: Array, gtol: float, maxiter: int, direction: Direction | None = None
    ) -> tuple[Progress, Any]:
        """Return the run and the result of one descent."""
        stopping = replace(self.rules.stopping, gtol=gtol, maxiter=maxiter)
        direction = direction or self.rules.direction
        rules: Rules = replace(self.rules, stopping=stopping, direction=direction)
        run = Progress(u, stopping)
        try:
            result = run_serially(run, rules, self.objective, self.watcher, Limits())
        except ClusterError as error:
            error.coef, error.intercept = self.coordinates.model(run.best_x)
            error.add_note("skgd: the best model so far is in its attributes coef and intercept")
            raise
        return run, result

    def _met(self, run: Progress, result: Any) -> bool:
        """Tell whether a run has met its tolerance, or all that its numbers allow."""
        if result.success:
            return True
        if run.reason not in (Reason.PRECISION, Reason.WORSE):
            return False
        promised = 0.5 * run.gnorm * run.gnorm
        return bool(promised <= math.sqrt(run.eps) * 1e-3 * max(abs(run.f), run.eps))

    def _ended(self, run: Progress, result: Any, converged: bool, reference: float) -> Fitted:
        """Return the model of the best point."""
        relative = run.gnorm / reference if reference > 0 else 0.0
        past = Past(self.task.total, self.width)
        return self._fitted(run.best_x, result, converged, relative, past)

    def remembering(self, fitted: Fitted) -> Fitted:
        """Return the fit with the memory of its rows."""
        memory = remember(self.memory, self.task, fitted.coef, fitted.intercept)
        return replace(fitted, memory=memory)


def _above(objective: LinearObjective, loss: Loss) -> float:
    """Return by how much the exact objective is above the smooth one evaluated last."""
    assert objective.latest is not None
    return objective.exact(loss)[0] - objective.latest[1]


class _StochasticFit(_Fit):
    """One fit with mini-batches."""

    def __init__(self, task: Task, how: How, watch: Watch | None, before: int) -> None:
        super().__init__(task, how, watch)
        assert how.batch_size is not None
        batch = min(how.batch_size, task.n)
        self.before = before
        # With a penalty a step in a metric is a small problem of its own, dear for a batch.
        full = how.full_metric and self.constraint is None
        self.objective = BatchObjective(
            task, self.coordinates, batch, how.rng, self._allowed(self.null), full
        )
        self.epochs = Epochs(self.objective, self.watcher, task.loss, how)
        if self.width:
            self.epochs.smooth(self.width)
        crowding = (task.d + task.fit_intercept) / batch
        steepness = self.objective.steepness() if how.automatic else None
        self.rules = stochastic_rules(
            how, self.constraint, before, crowding, steepness, self.objective.count
        )

    def run(self, start: Model | None) -> Fitted:
        """Return the fitted model: the last iterate, as no single batch can tell the best."""
        u = self._allowed(self.null if start is None else start)
        run = Progress(u, self.rules.stopping)
        result = run_serially(run, self.rules, self.objective, self.epochs, Limits())
        result.fun = self.watcher.curve[-1] if self.watcher.curve else run.f
        memory = self.before + run.k
        return self._fitted(run.x, result, self.epochs.settled, run.gnorm, memory)


def advice(how: How, n_iter: int, relative: float, result: Any) -> str:
    """Return what is said about a fit that has not converged."""
    if result.status in SERIOUS:
        return f"The fit did not converge. {result.message}"
    ways = ["loosen tol"]
    if n_iter >= how.max_iter:
        ways.insert(0, "raise max_iter")
        said = f"The fit did not converge within max_iter={how.max_iter} iterations"
    else:
        said = f"The fit stopped after {n_iter} iterations, before it converged"
    if how.precondition is None:
        ways.append("scale the features (StandardScaler), or leave precondition='auto'")
    if not how.automatic:
        ways.append("leave method='auto'")
    return (
        f"{said}: the optimality is {relative:.3g} of that at the start, tol={how.tol:g}. "
        f"To mend it, {', or '.join(ways)}."
    )
