from __future__ import annotations
from dataclasses import dataclass, field
@dataclass
class Results:
    sizes: object
    looked: list = field(default_factory=list)
    def line(self, heard):
        u = heard.used
        per = 1e6 / heard.movements
        return (f"  {heard.movements} movements in {heard.wall:.2f} s: {heard.rate:.0f}/s; a call p50 {heard.quantile(.5)*1e3:.1f} ms p99 {heard.quantile(.99)*1e3:.1f}"
          f"; CPU us/movement: client {u.client*per:.0f} hub {u.hub*per:.0f} pg {u.database*per:.0f} elsewhere {u.elsewhere/u.wall:.2f} cores; {heard.answers} {heard.verdicts}")
    met = True
    def page(self):
        return repr(self)
