"""How a `skgd.Formula` is made, one stage a module.

* `syntax`: text becomes a syntax tree;
* `expression`: a syntax tree becomes a SymPy expression, and nothing else can come of it;
* `typeset`: a syntax tree becomes LaTeX;
* `translation`: a SymPy expression becomes part of a graph;
* `graph`: the operations of a formula, each distinct one exactly once;
* `chain_rule`: a graph grows by the derivatives of some of its nodes;
* `code`: a graph becomes a Python function;
* `operations`: what the functions that are called there compute;
* `programs`: the functions for value, gradient and Hessian.
"""
