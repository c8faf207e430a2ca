"""The result: SciPy's in all but its looks, which stay small when the run is long."""

from __future__ import annotations

import copy
import pickle
from html.parser import HTMLParser

import numpy as np
import pytest
from scipy.optimize import OptimizeResult, minimize, rosen, rosen_der

from skgd import Descent, DescentRegressor, FormulaRegressor, gd_momentum, gd_spsa, multistart
from skgd.result import DescentResult

WHOLE = {"history": True, "return_all": True, "maxiter": 60}


def long_run(n=20):
    return minimize(rosen, np.zeros(n), jac=rosen_der, method=gd_momentum, options=WHOLE)


def asked():
    descent = Descent([1.0, 2.0])
    while not descent.done:
        descent.tell([x @ x for x in descent.ask()])
    return descent.result()


def fitted(model):
    x = np.linspace(0.0, 1.0, 20)[:, None]
    return model.fit(x, 2.0 * x[:, 0] + 1.0).result_


RUNNERS = {
    "minimize": long_run,
    "ask and tell": asked,
    "multistart": lambda: multistart(lambda x: x @ x, [(-1, 2)] * 2, rng=0, maxfev=300),
    "estimator": lambda: fitted(DescentRegressor(alpha=0.0)),
    "formula": lambda: fitted(FormulaRegressor("a*x0 + b")),
}


class Table(HTMLParser):
    """What a browser would show: the text of each cell, and the tags that were left open."""

    def __init__(self, html):
        super().__init__()
        self.cells, self.open, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag in ("th", "td"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if self.open and self.open[-1] in ("th", "td"):
            self.cells[-1] += data

    @property
    def rows(self):
        return dict(zip(self.cells[::2], self.cells[1::2], strict=True))


@pytest.mark.parametrize("runner", RUNNERS)
class TestEveryRunner:
    def test_returns_one(self, runner):
        res = RUNNERS[runner]()
        assert type(res) is DescentResult
        assert isinstance(res, OptimizeResult)

    def test_shows_every_entry_in_a_notebook(self, runner):
        res = RUNNERS[runner]()
        table = Table(res._repr_html_())
        assert not table.open
        assert res.message in table.text
        shown = {name for names in table.rows for name in names.split(", ")}
        above = {"success", "status", "message"}
        assert set(res) - shown - above <= {"x_last", "fun_last"}


class TestItIsScipys:
    def test_entries_are_attributes_and_keys(self):
        res = DescentResult(x=np.ones(2), fun=3.0)
        res.nit = 4
        assert res["nit"] == res.nit == 4
        assert dir(res) == ["fun", "nit", "x"]
        del res.fun
        with pytest.raises(AttributeError, match="fun"):
            _ = res.fun

    def test_equality_is_that_of_the_entries(self):
        assert DescentResult(fun=1.0, nit=2) == OptimizeResult(fun=1.0, nit=2)
        assert DescentResult(fun=1.0) != DescentResult(fun=2.0)

    @pytest.mark.parametrize(
        "again", [copy.copy, copy.deepcopy, lambda res: pickle.loads(pickle.dumps(res))]
    )
    def test_survives_copies_and_pickles(self, again):
        res = long_run(2)
        other = again(res)
        assert type(other) is DescentResult
        assert list(other) == list(res)
        assert repr(other) == repr(res)
        np.testing.assert_array_equal(other.history["x"], res.history["x"])


class TestText:
    def test_is_scipys_where_nothing_is_long(self):
        res = minimize(rosen, [1.3, 0.7], jac=rosen_der, method=gd_momentum)
        assert str(res) == str(OptimizeResult(res))

    def test_of_an_empty_result_names_its_class(self):
        assert repr(DescentResult()) == "DescentResult()"

    def test_has_one_line_for_what_is_as_long_as_the_run(self):
        res = long_run()
        lines = dict(line.strip().split(": ", 1) for line in str(res).splitlines())
        assert lines["history"].startswith(f"{len(res.history)} columns, {res.nit + 1} rows: nit,")
        assert lines["allvecs"] == f"{res.nit + 1} points"
        assert lines["x"].count("...") == 1
        assert set(lines) == set(res)

    def test_changes_nothing(self):
        res = long_run()
        str(res)
        res._repr_html_()
        assert isinstance(res.history, dict)
        assert len(res.allvecs) == len(res.history["fun"])

    def test_of_entries_that_users_have_changed_is_scipys(self):
        mine = {"history": [1, 2], "allvecs": None}
        assert str(DescentResult(mine)) == str(OptimizeResult(mine))


class TestNotebook:
    def test_says_success_and_failure_in_words(self):
        res = long_run(2)
        assert not res.success
        assert Table(res._repr_html_()).text.startswith("no success, status 1")
        assert Table(asked()._repr_html_()).text.startswith("success Converged")

    def test_is_short_however_many_variables_there_are(self):
        html = long_run(500)._repr_html_()
        assert len(html) < 5000
        rows = Table(html).rows
        assert rows["x"].endswith("], 500 entries")
        assert rows["nit, nfev, njev"].startswith("60 iterations, ")

    def test_is_short_whatever_users_put_in_it(self):
        res = DescentResult(mine=list(range(10_000)), flag=np.bool_(1), nothing=None)
        rows = Table(res._repr_html_()).rows
        assert rows["mine"].startswith("[0, 1, 2, ")
        assert rows["mine"].endswith(" ...")
        assert len(rows["mine"]) < 400
        assert (rows["flag"], rows["nothing"]) == ("True", "None")

    def test_leaves_out_the_last_iterate_when_it_is_the_best(self):
        res = asked()
        assert "x_last" not in Table(res._repr_html_()).rows
        res.x_last = res.x + 1.0
        assert Table(res._repr_html_()).rows["x_last"].startswith("[")

    def test_shows_entries_within_entries(self):
        noisy = np.random.default_rng(0).normal
        res = minimize(
            lambda x: x @ x + 0.1 * noisy(), np.ones(3), method=gd_spsa, options={"maxfev": 200}
        )
        rows = Table(res._repr_html_()).rows
        assert "alpha: 0.602; " in rows["spsa"]
        found = multistart(lambda x: x @ x, [(-1, 2)] * 2, rng=0, maxfev=300)
        assert "x: array of shape (1, 2)" in Table(found._repr_html_()).rows["minima"]

    def test_shows_markup_as_text(self):
        evil = "<script>alert(1)</script>"
        res = DescentResult(message=evil, success=True, **{evil: evil, "note": {evil: [evil]}})
        html = res._repr_html_()
        assert "<script" not in html
        assert Table(html).rows[evil] == evil

    @pytest.mark.parametrize(
        "entries", [{}, {"x": np.ones(2)}, {"x_last": [1], "x": 3}, {"fun": None, "nit": "two"}]
    )
    def test_takes_whatever_users_leave_in_it(self, entries):
        assert not Table(DescentResult(entries)._repr_html_()).open
