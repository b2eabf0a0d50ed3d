"""Base prices as values, and the choice of the one that is in force: pure."""
