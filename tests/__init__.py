import os

# As the server has it, before anything meets an array.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
