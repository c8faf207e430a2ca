"""Collections of test functions that several modules cite."""

from __future__ import annotations

ANDREI = (
    "N. Andrei, An unconstrained optimization test functions collection, "
    "Adv. Model. Optim. 10 (2008) 147-161"
)
CUTE = (
    "I. Bongartz, A. R. Conn, N. Gould, P. L. Toint, CUTE: constrained and unconstrained testing "
    "environment, ACM Trans. Math. Softw. 21 (1995) 123-160"
)
JAMIL_YANG = (
    "M. Jamil, X.-S. Yang, A literature survey of benchmark functions for global optimisation "
    "problems, Int. J. Math. Model. Numer. Optim. 4 (2013) 150-194"
)
