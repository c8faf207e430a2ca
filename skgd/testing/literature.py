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
ALI = (
    "M. M. Ali, C. Khompatraporn, Z. B. Zabinsky, A numerical evaluation of several stochastic "
    "algorithms on selected continuous global optimization test problems, J. Global Optim. 31 "
    "(2005) 635-672"
)
GAVANA = (
    "A. Gavana, Global optimization benchmarks and AMPGO (infinity77.net/global_optimization), as "
    "in the benchmarks of SciPy"
)
LEVY_MONTALVO = "A. V. Levy, A. Montalvo, SIAM J. Sci. Stat. Comput. 6 (1985) 15-29"
MISHRA = (
    "S. K. Mishra, Some new test functions for global optimization and performance of repulsive "
    "particle swarm method, MPRA Paper 2718 (2006)"
)
MORE_GARBOW_HILLSTROM = (
    "J. J. Moré, B. S. Garbow, K. E. Hillstrom, Testing unconstrained optimization software, ACM "
    "Trans. Math. Softw. 7 (1981) 17-41"
)
SURJANOVIC_BINGHAM = (
    "S. Surjanovic, D. Bingham, Virtual Library of Simulation Experiments: Test Functions and "
    "Datasets (sfu.ca/~ssurjano)"
)
YANG = "X.-S. Yang, Engineering Optimization (2010), Appendix A"
