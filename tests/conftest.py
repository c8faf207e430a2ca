"""Settings for the whole test suite: no window is opened, and hypothesis runs are repeatable."""

from __future__ import annotations

import os

from hypothesis import settings

# Forced, not defaulted: a developer's interactive backend must not open windows from a test.
os.environ["MPLBACKEND"] = "Agg"

# "fast" always draws the same examples, so that a run's outcome depends on the code alone.
# "thorough" draws new ones each time. Choose it with HYPOTHESIS_PROFILE=thorough in the environment
# or with --hypothesis-profile=thorough.
settings.register_profile("fast", deadline=None, derandomize=True, max_examples=25)
settings.register_profile("thorough", deadline=None, derandomize=False, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))
