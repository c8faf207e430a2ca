"""Settings for the whole test suite: no window is opened, and hypothesis runs are repeatable."""

from __future__ import annotations

import os
import signal

from hypothesis import Phase, settings

# Forced, not defaulted: a developer's interactive backend must not open windows from a test.
os.environ["MPLBACKEND"] = "Agg"

# A shell's background jobs ignore Ctrl-C, and tests press it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# "fast" always draws the same examples, so that a run's outcome depends on the code alone.
# "thorough" draws new ones each time. Choose it with HYPOTHESIS_PROFILE=thorough in the environment
# or with --hypothesis-profile=thorough.
settings.register_profile("fast", deadline=None, derandomize=True, max_examples=25)
settings.register_profile("thorough", deadline=None, derandomize=False, max_examples=500)
# "unshrunk" is for tests that shall fail (tests/mutations): the first failure will do.
settings.register_profile(
    "unshrunk",
    settings.get_profile("fast"),
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))
