"""How well the monitor sees, beside what is published, and the page that says so."""
