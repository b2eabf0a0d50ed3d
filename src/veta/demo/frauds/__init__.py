"""Ten frauds planted in the month, and whether the hub caught each with the finding that it should."""
