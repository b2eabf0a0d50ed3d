"""The operators' API, version 1: edges alone; what is decided is decided in the slices."""
