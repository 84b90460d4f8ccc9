"""The monitor: what it counts, when it speaks, and what people decided."""
