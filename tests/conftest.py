"""What all tests share: the settings of the property tests, and double precision where JAX is the judge."""

from __future__ import annotations

import os
import tempfile

from hypothesis import settings

# Read by JAX when it is first imported, in this process and in those that tests start.
os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
# What Numba compiles is kept for the next run, but not in the home of whoever runs the tests.
os.environ.setdefault("NUMBA_CACHE_DIR", os.path.join(tempfile.gettempdir(), "hesse-tests-numba"))  # noqa: PTH118

settings.register_profile("explore", deadline=None)
settings.register_profile("repeat", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("repeat" if "CI" in os.environ else "explore")
