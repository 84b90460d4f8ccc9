"""What councils send each year, read into facts about one child at a time."""
