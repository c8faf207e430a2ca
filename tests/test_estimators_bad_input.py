"""What the linear estimators say of data and parameters that are not allowed."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from skgd import Method, gd
from skgd.estimators import DescentClassifier, DescentRegressor

X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [3.0, 1.0]])
Y = np.array([0.0, 1.0, 2.0, 4.0])
LABELS = np.array([0, 1, 0, 1])


def with_entry(value):
    changed = X.copy()
    changed[1, 1] = value
    return changed


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((with_entry(np.nan), LABELS), "Input X contains NaN"),
        ((with_entry(np.inf), LABELS), "Input X contains infinity"),
        ((X, [0, 1, 0]), "inconsistent numbers of samples"),
        ((X[0], LABELS), "Expected 2D array"),
        ((X[:, :0], LABELS), "0 feature"),
        ((X[:0], LABELS[:0]), "0 sample"),
        ((X, [0, 0, np.nan, 1]), "Input y contains NaN"),
        ((X * 1j, LABELS), "[Cc]omplex"),
        (([["a", "b"], ["c", "d"]], [0, 1]), "could not convert string"),
    ],
)
@pytest.mark.parametrize("kind", [DescentRegressor, DescentClassifier])
def test_data_that_are_no_data(kind, data, message):
    with pytest.raises(ValueError, match=message):
        kind().fit(*data)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 1, 1], "sample_weight.shape"),
        ([[1], [1], [1], [1]], "1D"),
        ([1, -1, 1, 1], "sample_weight must not be negative"),
        ([0, 0, 0, 0], "sample_weight must contain at least one non-zero"),
        ([1, np.nan, 1, 1], "sample_weight contains NaN"),
        (0, "sample_weight must be positive"),
    ],
)
@pytest.mark.parametrize("kind", [DescentRegressor, DescentClassifier])
def test_weights_that_are_no_weights(kind, weights, message):
    with pytest.raises(ValueError, match=message):
        kind().fit(X, LABELS, sample_weight=weights)


@pytest.mark.parametrize(
    ("loss", "y"),
    [
        ("poisson", [-1.0, 1, 2, 3]),
        ("gamma", [0.0, 1, 2, 3]),
        ("tweedie", [-1.0, 1, 2, 3]),
    ],
)
def test_targets_outside_of_the_range_of_the_loss(loss, y):
    message = f"Some value\\(s\\) of y are out of the valid range of the loss '{loss}'"
    with pytest.raises(ValueError, match=message):
        DescentRegressor(loss=loss).fit(X, y)


def test_targets_that_overflow_single_precision():
    with pytest.raises(ValueError, match="y is too large for float32"):
        DescentRegressor().fit(X.astype(np.float32), 1e300 * Y)


def test_one_class():
    with pytest.raises(ValueError, match="number of classes has to be greater than one; got 1"):
        DescentClassifier().fit(X, np.ones(4))
    with pytest.raises(ValueError, match="got 1 class with weights that are not zero"):
        DescentClassifier().fit(X, LABELS, sample_weight=LABELS)


def test_numbers_are_no_labels():
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        DescentClassifier().fit(X, Y + 0.5)


@pytest.mark.parametrize(
    "arguments",
    [
        {"alpha": -1},
        {"alpha": "small"},
        {"penalty": "l3"},
        {"l1_ratio": 1.5},
        {"batch_size": 0},
        {"batch_size": 0.5},
        {"max_iter": 0},
        {"tol": -1e-3},
        {"momentum": 1.0},
        {"learning_rate": 0.0},
        {"learning_rate": None},
        {"loss": None},
        {"loss_params": 3},
        {"method": None},
        {"method": Method},
        {"precondition": "cholesky!"},
        {"validation_fraction": 1.0},
        {"n_iter_no_change": 0},
        {"fit_intercept": "no"},
        {"bounds": 3},
        {"coef_sum": "one"},
        {"random_state": "zero"},
    ],
    ids="".join,
)
@pytest.mark.parametrize("kind", [DescentRegressor, DescentClassifier])
def test_parameters_are_checked_in_fit_and_named(kind, arguments):
    (name,) = arguments
    with pytest.raises(ValueError, match=f"The '{name}' parameter of {kind.__name__} must be"):
        kind(**arguments).fit(X, LABELS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"loss": "squared_eror"}, "loss.*did you mean 'squared_error'"),
        ({"loss": "huber", "loss_params": {"epsilom": 1.0}}, "loss_params.*epsilom"),
        ({"method": "gd_adm"}, "method must be.*did you mean 'gd_adam'"),
        ({"learning_rate": "spectal"}, "learning_rate must be.*did you mean 'spectral'"),
        ({"method": "gd", "momentum": 0.9}, "momentum=0.9 has no meaning for the method gd"),
        ({"bounds": {2: (0, 1)}}, "bounds"),
        ({"bounds": {"price": (0, 1)}}, "bounds.*price"),
        ({"bounds": (1, 0)}, "bounds"),
        ({"penalty_weights": [1.0]}, "penalty_weights"),
        ({"penalty_weights": {"price": 1.0}}, "penalty_weights.*price"),
        ({"penalty": "group"}, "groups"),
        ({"positive": True, "coef_sum": -1.0}, "coef_sum"),
        ({"bounds": (0, 1), "coef_sum": 3.0}, "coef_sum"),
    ],
    ids=str,
)
def test_values_that_do_not_go_together_are_named(arguments, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        DescentRegressor(**arguments).fit(X, Y)


def test_a_classification_loss_is_not_for_regression_and_the_other_way_round():
    with pytest.raises(ValueError, match="loss"):
        DescentRegressor(loss="hinge").fit(X, Y)
    with pytest.raises(ValueError, match="loss"):
        DescentClassifier(loss="poisson").fit(X, LABELS)


def test_misspelt_labels_of_class_weights():
    with pytest.raises(
        ValueError, match="class_weight has labels that are not classes: \\['jes'\\]"
    ):
        DescentClassifier(class_weight={"jes": 2}).fit(X, ["no", "yes", "no", "yes"])
    with pytest.raises(ValueError, match="class_weight\\[1\\] must not be negative"):
        DescentClassifier(class_weight={1: -2}).fit(X, LABELS)


def test_probabilities_of_a_loss_that_has_none():
    model = DescentClassifier(loss="hinge").fit(X, LABELS)
    assert not hasattr(model, "predict_proba")
    with pytest.raises(AttributeError, match="predict_proba"):
        model.predict_proba(X)


def test_predictions_before_the_fit():
    for ask in (DescentRegressor().predict, DescentClassifier().decision_function):
        with pytest.raises(NotFittedError):
            ask(X)


def test_predictions_for_other_columns():
    model = DescentRegressor().fit(X, Y)
    with pytest.raises(ValueError, match="X has 1 features, but DescentRegressor is expecting 2"):
        model.predict(X[:, :1])


def test_one_row_and_constant_columns_are_fitted():
    assert DescentRegressor().fit(X[:1], Y[:1] + 3).predict(X[:1]) == pytest.approx(3)
    constant = np.hstack([X, np.full((4, 1), 7.0)])
    model, without = DescentRegressor().fit(constant, Y), DescentRegressor().fit(X, Y)
    np.testing.assert_allclose(model.predict(constant), without.predict(X), atol=1e-4)
    same = DescentRegressor().fit(np.ones((4, 2)), Y)
    np.testing.assert_allclose(same.predict(np.ones((4, 2))), Y.mean(), atol=1e-5)


def test_partial_fit_needs_to_know_the_classes():
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        DescentClassifier().partial_fit(X, LABELS)
    model = DescentClassifier().partial_fit(X, LABELS, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="are not those of the first call"):
        model.partial_fit(X, LABELS, classes=[0, 1])
    with pytest.raises(ValueError, match="labels that are not among classes: \\[3\\]"):
        model.partial_fit(X, LABELS + 2)


def test_what_needs_all_rows_has_no_partial_fit():
    with pytest.raises(AttributeError, match="partial_fit"):
        DescentRegressor(early_stopping=True).partial_fit(X, Y)
    with pytest.raises(AttributeError, match="partial_fit"):
        DescentClassifier(class_weight="balanced").partial_fit(X, LABELS, classes=[0, 1])


def test_warm_starts_that_do_not_fit_the_data():
    model = DescentRegressor(warm_start=True).fit(X, Y)
    with pytest.raises(ValueError, match="set warm_start=False"):
        model.fit(X[:, :1], Y)
    classifier = DescentClassifier(warm_start=True).fit(X, LABELS)
    with pytest.raises(ValueError, match="set warm_start=False"):
        classifier.fit(X, LABELS + 1)


def test_the_callers_arrays_are_not_written_to():
    weights = np.array([1.0, 2.0, 1.0, 0.5])
    arrays = [X.copy(), Y.copy(), weights]
    for array in arrays:
        array.flags.writeable = False
    DescentRegressor(method=gd, learning_rate=0.1, tol=0.1).fit(*arrays)
    DescentClassifier(early_stopping=True, validation_fraction=0.4).fit(
        arrays[0], np.array([0, 0, 1, 1]), weights
    )
