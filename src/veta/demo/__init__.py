"""The demonstration: a fictitious country on real geography, a month of its mineral, ten planted frauds, the checks."""
