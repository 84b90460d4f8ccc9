"""Telling people what is for them: who and why, in their list, and by email."""
