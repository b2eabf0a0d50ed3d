"""The mayor's desk: subsistence miners of one municipality enrolled and renewed, cards, the month's report, seizures.

A mayor's account acts for the municipality that two persons of the authority gave it, and sees no other.
"""
