"""What `skgd.plotting` draws with: one module a kind of picture."""
