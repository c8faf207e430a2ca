"""Formulas broken on purpose, and the tests that notice: ``python -m mutations`` runs them all.

A table has at least two mutants for each rule that skgd registers.  Each replaces one piece of
text, a sign, a factor or an index, in a copy of the package, and names the tests that must fail
there.  `test_mutations.py` keeps the tables complete; a mutant that survives asks for a better test
of the rule.
"""
