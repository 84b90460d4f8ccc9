"""See and compare: what is drawn of a case, and whether sentence, picture and table agree."""
