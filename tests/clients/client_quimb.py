"""quimb: a method of skgd as the optimizer of a tensor network."""

from __future__ import annotations

import pytest
import quimb
import quimb.tensor as qtn

from skgd import gd_momentum, gd_spectral

pytestmark = [
    pytest.mark.filterwarnings("ignore:Couldn't import `kahypar`"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:quimb"),
]

SITES = 6


def normalised(state):
    return state / (state.H @ state) ** 0.5


def energy(state):
    bra, ham, ket = qtn.tensor_network_align(state.H, qtn.MPO_ham_heis(SITES), state)
    return (bra & ham & ket).contract(all)


@pytest.mark.parametrize("method", [gd_spectral, gd_momentum], ids=lambda m: m.name)
def test_the_ground_state_of_a_chain_of_spins_is_found(method):
    start = qtn.MPS_rand_state(SITES, bond_dim=8, seed=0, dtype="float64")
    optimizer = qtn.TNOptimizer(
        start,
        loss_fn=energy,
        norm_fn=normalised,
        autodiff_backend="autograd",
        optimizer=method,
        progbar=False,
    )
    optimizer.optimize(500)
    exact = quimb.groundenergy(quimb.ham_heis(SITES))
    assert optimizer.loss == pytest.approx(exact, abs=1e-3)
