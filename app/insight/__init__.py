"""See and compare: from rows to one object each, of which sentence, picture and table are drawn."""
