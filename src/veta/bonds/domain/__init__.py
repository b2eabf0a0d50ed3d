"""The póliza minero-ambiental as values: the case, its value, each step with its basis. Pure."""
