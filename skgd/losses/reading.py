"""What an estimator's arguments `loss` and `loss_params` mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

from skgd._checks import did_you_mean, no_class, shown

from .absolute import MAPE, AbsoluteError, EpsilonInsensitive, Quantile
from .base import Kind, Loss
from .deviances import Gamma, Poisson, Tweedie
from .formula import FormulaLoss
from .function import CallableLoss
from .margins import ExponentialLoss, Hinge, LogLoss, ModifiedHuber, SquaredHinge
from .multinomial import Multinomial
from .own import check_params
from .robust import Huber, LogCosh
from .squares import Expectile, SquaredError

__all__ = ["LOSSES", "read_loss"]

LOSSES: Mapping[str, type[Loss]] = MappingProxyType(
    {
        loss.name: loss
        for loss in (
            SquaredError,
            AbsoluteError,
            Quantile,
            Huber,
            LogCosh,
            EpsilonInsensitive,
            Expectile,
            MAPE,
            Poisson,
            Gamma,
            Tweedie,
            LogLoss,
            Hinge,
            SquaredHinge,
            ModifiedHuber,
            ExponentialLoss,
            Multinomial,
        )
    }
)
"""The losses by name."""

_TASKS: Mapping[Kind, str] = {
    "regression": "regression",
    "binary": "two classes",
    "multiclass": "several classes",
}


def read_loss(loss: Any, loss_params: Mapping[str, Any] | None, kind: Kind) -> Loss:
    """Return the loss that the arguments of an estimator describe.

    Parameters
    ----------
    loss : str, Loss or callable
        A name from `LOSSES`; a formula in ``y`` and ``p``, see `FormulaLoss`; a loss; or a
        function, see `CallableLoss`.
    loss_params : mapping of str to object or None
        The parameters of the loss, None for its defaults.
    kind : {"regression", "binary", "multiclass"}
        What the target is.  For several classes ``"log_loss"`` is `Multinomial`, and any other
        binary loss is returned as it is, for one classifier a class.

    Returns
    -------
    Loss
        The loss.

    Raises
    ------
    ValueError
        When there is no such loss or parameter, or the loss is for another kind of target.

    Examples
    --------
    >>> read_loss("huber", {"epsilon": 2.0}, "regression")
    Huber(epsilon=2.0)
    >>> read_loss("a*abs(y - p)", {"a": 2.0}, "regression")
    FormulaLoss('a*abs(y - p)', {'a': 2.0}, 'regression')
    >>> read_loss("squared_eror", None, "regression")
    Traceback (most recent call last):
        ...
    ValueError: loss 'squared_eror' is not known; ...; did you mean 'squared_error'?
    """
    params = {} if loss_params is None else loss_params
    check_params(params)
    no_class("loss", loss, Loss)
    if isinstance(loss, Loss):
        if params:
            raise ValueError(
                f"loss_params has {', '.join(map(repr, params))}, but loss is {loss!r}, which "
                "has its parameters; give them there"
            )
        read = loss
    elif isinstance(loss, str):
        read = _from_text(loss, params, kind)
    elif callable(loss):
        read = CallableLoss(loss, params, _own_kind(kind))
    else:
        raise ValueError(
            "loss must be the name of a loss, a formula in y and p, a function of y and p, or a "
            f"loss object, got {shown(loss)}"
        )
    if not _fits(read, kind):
        raise ValueError(
            f"loss {read.name!r} is for {_TASKS[read.kind]}, not for {_TASKS[kind]}; "
            f"{_choice(kind)}"
        )
    return read


def _from_text(text: str, params: Mapping[str, Any], kind: Kind) -> Loss:
    loss = LOSSES.get(text)
    if loss is LogLoss and kind == "multiclass":
        loss = Multinomial
    if loss is not None:
        return _with_params(loss, params)
    # Every formula contains p, and no name does.
    if re.search(r"\bp\b", text):
        return FormulaLoss(text, params, _own_kind(kind))
    near = did_you_mean(text, [name for name, loss in LOSSES.items() if _fits(loss, kind)])
    raise ValueError(f"loss {shown(text)} is not known; {_choice(kind)}{near}")


def _with_params(loss: type[Loss], params: Mapping[str, Any]) -> Loss:
    known = [field.name for field in fields(loss)]  # type: ignore[arg-type]
    for name in params:
        if name not in known:
            takes = f"it takes {', '.join(map(repr, known))}" if known else "it takes none"
            raise ValueError(
                f"loss_params has {name!r}, which loss {loss.name!r} does not take"
                f"{did_you_mean(name, known)}; {takes}"
            )
    return loss(**params)


def _choice(kind: Kind) -> str:
    names = [name for name, loss in LOSSES.items() if _fits(loss, kind)]
    return f"choose from {', '.join(names)}, or give a formula in y and p, or a function"


def _fits(loss: Loss | type[Loss], kind: Kind) -> bool:
    return loss.kind == kind or (kind == "multiclass" and loss.kind == "binary")


def _own_kind(kind: Kind) -> Kind:
    return "regression" if kind == "regression" else "binary"
