"""The example on real data finds what scikit-learn finds."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "real_data.py"


@pytest.fixture(scope="module")
def example():
    return runpy.run_path(str(EXAMPLE))


@pytest.mark.parametrize("study", ["diabetes", "breast_cancer"])
@pytest.mark.parametrize("strength", [0.1, 1.0])
def test_coefficients_agree_with_scikit_learn(example, study, strength):
    res, expected = example[study](strength)
    assert res.success, res.message
    np.testing.assert_allclose(res.x, expected, rtol=0, atol=1e-5)


def test_the_script_reports_the_agreement(example, capsys):
    example["main"]()
    lines = capsys.readouterr().out.splitlines()
    differences = [float(line.rsplit(" ", 1)[1]) for line in lines if "largest difference" in line]
    assert len(differences) == 2
    assert max(differences) < 1e-5
