"""A hub to try things on: real, with the demonstration's world, reset at will, behind a wire that can be made bad."""
