"""Workbooks of movements: how each cell is read, mended or refused, and what a row says to the hub."""
