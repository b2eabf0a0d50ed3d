"""What the demonstration's node keeps: some days of a counter, a mine and a plant, captured and sent as people do."""
