"""The ground every other part stands on: database, clock, text, errors."""
