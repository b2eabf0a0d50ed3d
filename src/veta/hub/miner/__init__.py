"""The miner's own page: what was sold in his name, what is left to him, his card, and «No fui yo».

People have been threatened for reporting. Who reported, and that someone did, is in no row, line, count or answer that
an operator, a buyer or a neighbour can see: every answer costs the same, looks the same and is sealed (ADR 0094).
"""
