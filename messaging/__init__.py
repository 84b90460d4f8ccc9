"""Teams talking around a child."""
