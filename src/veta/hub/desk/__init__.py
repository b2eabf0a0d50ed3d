"""The authority's desk: what each role sees of the movements, the lots, the registry and the operators."""
