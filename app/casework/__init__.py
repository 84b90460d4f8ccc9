"""The work itself: people, networks, cases, and what other systems already hold."""
