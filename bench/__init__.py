"""Measures the product against its figures (design §7): `make bench`, one run, one database, one page of results."""
