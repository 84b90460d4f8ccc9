"""How the database came to its present shape, one idea at a time."""
