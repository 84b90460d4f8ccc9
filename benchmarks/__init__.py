"""How fast Kith is, measured beside the least that could do the same."""
