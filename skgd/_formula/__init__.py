"""How a `skgd.Formula` is made, one stage a module.

* `parser`: text becomes a SymPy expression, and nothing else can come of it;
* `operations`: what the functions of a formula compute, at one point and at many;
* `graph`: the operations of a formula, each distinct one exactly once;
* `translation`: a SymPy expression becomes part of a graph;
* `chain_rule`: a graph grows by the derivatives of some of its nodes;
* `code`: a graph becomes a Python function;
* `programs`: the functions for value, gradient and Hessian;
* `typeset`: text becomes LaTeX.
"""
