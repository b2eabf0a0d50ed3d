"""The SQL that digests again what a group of movements wrote, in each form that digests have had.

1 and 2 were texts with U+001F between columns, U+2205 for an empty one and a newline between lines; 2 covers accounts,
suspensions and papers besides. 3, which every new digest has, is of rows as PostgreSQL sends them in binary.
"""

from collections.abc import Callable

Line = Callable[[str], str]
COLUMNS = {
    "M": ("m.id", "m.kind", "m.operator", "m.subject", "m.author", "m.counterparty", "m.occurred_at", "m.received_at",
          "m.digest", "m.request", "m.place_in_request"),
    "V": ("v.status", "v.facts", 'v."group"', "v.position"),
    "W": ("p.kind", "p.author", "p.counterparty", "p.occurred_at", "p.confirm_by", "p.municipality", "p.undoes"),
    "O": ("o.position", "o.lot", "o.amount", "o.new_lot"),
    "X": ("x.movement_id", "x.step", "x.outcome"),
    "E": ("e.movement", "e.seq", "e.source", "e.target", "e.commodity", "e.amount"),
    "L": ("l.account", "l.mineral", "l.origin", "l.composition", "l.accreditation", "l.municipality", "l.facility",
          "l.movement", "l.occurred_at", "l.fineness", "l.grade", "l.processed_by"),
    "P": ("f.parent", "f.child", "f.movement"),
    "A": ("a.id", "a.commodity", "a.kind", "a.holder"),
    "Q": ("q.account", "q.subject", "q.basis", "q.quota_group", "q.period_start", "q.period_end", "q.source"),
    "S": ("s.act", "s.lot"),
    "N": ("n.origin", "n.type", "n.number", "n.movement"),
    "K": ("k.movement", "k.party_id", "k.counterparty", "k.operator", "k.recorded_at"),
    "C": ("c.id", "c.purpose", "c.party_id", "c.counterparty", "c.operator", "c.mineral", "c.amount", "c.price_cop",
          "c.method", "c.code_hmac", "c.recorded_at", "c.expires_at"),
    "R": ("r.id", "r.operator", "r.key_id", "r.method", "r.target_uri", "r.signature_input", "r.signature",
          "r.body_digest", "r.frame", "r.received_at"),
}  # fmt: skip
# In the third form, signature and digest by what is left of them once the request's words were erased.
_PROOF = """
CASE WHEN r.signature <> '' THEN sha256('veta-request-v1'::bytea || r.signature || r.body_digest) ELSE r.body_digest END
"""
_THIRD = COLUMNS | {
    "R": ("r.id", "r.operator", "r.key_id", "r.method", "r.target_uri", "r.signature_input", _PROOF, "r.frame",
          "r.received_at"),
}  # fmt: skip


def _text(letter: str) -> str:
    """A line of the first two forms. No text that a movement says has U+001F or a newline: one that holds them is not
    what was written, though moved from column to column it might read the same."""
    columns = COLUMNS[letter]
    fields = " || E'\\x1f' || ".join(f"COALESCE({column}::text, '∅')" for column in columns)
    apart = f"concat({', '.join(columns)}) ~ E'[\\x1f\\n]'"
    return f"CASE WHEN {apart} THEN '?' ELSE '{letter}' || E'\\x1f' || {fields} END"


def _binary(letter: str) -> str:
    return f"record_send(ROW('{letter}'::text, {', '.join(_THIRD[letter])}))"


# Whose entries a verdict stands for: the first form forgot what a receipt posts itself, beside the load it ends.
_ONE, _BOTH = "= COALESCE(x.movement_id, own.id)", "IN (x.movement_id, own.id)"
# When a lot was made, or an act decided, in the order of groups: a suspension belongs to the later of the two.
_BORN = """
(SELECT (b."group", b.position) < (v."group", v.position) FROM movements_verdict AS b WHERE b.movement_id = COALESCE(
    (SELECT z.step FROM movements_pendingend AS z WHERE z.movement_id = y.movement), y.movement))
"""
_ACTED = """
(SELECT (b."group", b.position) < (v."group", v.position) FROM movements_verdict AS b WHERE b.movement_id = s.act)
"""


def _first(made: str, line: Line) -> str:
    """The lines of a movement that every form has."""
    posted = f"ledger_entry AS e WHERE e.movement {made}"
    return f"""
        SELECT {line("M")} AS line
        UNION ALL SELECT {line("V")}
        UNION ALL SELECT {line("W")} FROM movements_pending AS p WHERE p.movement_id = v.movement_id
        UNION ALL SELECT {line("O")} FROM movements_pendingline AS o WHERE o.movement = v.movement_id
        UNION ALL SELECT {line("X")} WHERE x.step IS NOT NULL
        UNION ALL SELECT {line("E")} FROM {posted}
        UNION ALL SELECT {line("L")} FROM ledger_lot AS l WHERE l.movement {made}
            AND l.account IN (SELECT e.target FROM {posted})
        UNION ALL SELECT {line("P")} FROM ledger_lot_parent AS f WHERE f.movement {made}
            AND f.child IN (SELECT e.target FROM {posted})
    """  # noqa: S608 - made of constants


def _second(made: str, line: Line) -> str:
    """What the second form and those after it cover besides: accounts, suspensions and papers."""
    posted = f"ledger_entry AS e WHERE e.movement {made}"
    return f"""{_first(made, line)}
        UNION ALL SELECT {line("A")} FROM ledger_account AS a WHERE a.id IN (SELECT e.target FROM {posted})
        UNION ALL SELECT {line("Q")} FROM ledger_quota AS q WHERE q.account IN (SELECT e.target FROM {posted})
        UNION ALL SELECT {line("S")} FROM ledger_lot_suspension AS s JOIN ledger_lot AS y ON y.account = s.lot
            WHERE s.act {made} AND {_BORN}
        UNION ALL SELECT {line("S")} FROM ledger_lot_suspension AS s JOIN ledger_lot AS y ON y.account = s.lot
            WHERE y.account IN (SELECT e.target FROM {posted}) AND y.movement {made} AND {_ACTED}
        UNION ALL SELECT {line("N")} FROM movements_papernumber AS n WHERE n.movement {made}
        UNION ALL SELECT {line("K")} FROM registry_assertedconsent AS k WHERE k.movement = v.movement_id
        UNION ALL SELECT {line("C")} FROM registry_consentuse AS u
            JOIN registry_consentrequest AS c ON c.id = u.consent_id WHERE u.used_by = v.movement_id
        UNION ALL SELECT {line("R")} FROM operators_signedrequest AS r
            WHERE r.id = m.request AND m.place_in_request = v.earliest
    """  # noqa: S608 - made of constants


_AGAIN = """
SELECT v."group", v.position, sha256({whole})
FROM (
    SELECT c.*, min(h.place_in_request) OVER (PARTITION BY c."group", h.request) AS earliest
    FROM movements_verdict AS c JOIN movements_movement AS h ON h.id = c.movement_id
    WHERE c."group" = ANY (%s::bigint[])
) AS v JOIN movements_movement AS m ON m.id = v.movement_id
LEFT JOIN movements_pendingend AS x ON x.movement_id = m.subject AND x.step = v.movement_id
LEFT JOIN LATERAL (SELECT v.movement_id AS id WHERE v.status = 'accepted') AS own ON true
"""


def _of_texts(lines: str) -> str:
    sorted_lines = f'ARRAY(SELECT line FROM ({lines}) AS lines ORDER BY line COLLATE "C")'  # noqa: S608 - of constants
    return _AGAIN.format(whole=f"convert_to(array_to_string({sorted_lines}, E'\\n'), 'UTF8')")


def _of_rows(lines: str) -> str:
    return _AGAIN.format(whole=f"(SELECT string_agg(line, ''::bytea ORDER BY line) FROM ({lines}) AS lines)")  # noqa: S608


# For these groups: (group, place, digest) of each verdict.
DIGESTS = {
    1: _of_texts(_first(_ONE, _text)),
    2: _of_texts(_second(_BOTH, _text)),
    3: _of_rows(_second(_BOTH, _binary)),
}
