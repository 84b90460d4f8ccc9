"""How well the monitor sees, beside what is published, and the page that says so."""

import os

# The arrays are small: threads that share them mostly wait, on a busy machine for long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
