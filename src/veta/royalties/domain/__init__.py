"""Royalties as values: the rate, the settlement of a quarter, its due dates and late interest. Pure."""
