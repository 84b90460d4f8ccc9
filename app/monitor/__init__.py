"""The monitor: cases that are suddenly busy or suddenly quiet, before it is too late."""
