"""Writes of this slice: operators and keys by officers, nonces and evidence by the requests themselves."""
