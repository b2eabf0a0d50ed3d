"""Checks of the ledger against the movements that wrote it; they join `veta ledger audit`, with SQL of their own."""

from veta.ledger.domain.check import Check

_OPEN = """
SELECT p.movement_id FROM movements_pending AS p
WHERE NOT EXISTS (SELECT FROM movements_pendingend AS e WHERE e.movement_id = p.movement_id)
"""
HOLDS_EXAMINED = f"SELECT count(*) FROM ({_OPEN}) AS open"  # noqa: S608 - made of constants
HOLDS = f"""
WITH expected AS (
    SELECT lot, sum(amount) AS held FROM movements_pendingline WHERE movement IN ({_OPEN}) GROUP BY lot
)
SELECT coalesce(a.id, e.lot)::text, format('retiene %s y sus ofertas abiertas suman %s', a.held, coalesce(e.held, 0))
FROM (SELECT id, held FROM ledger_account WHERE kind = 'lot') AS a FULL JOIN expected AS e ON e.lot = a.id
WHERE a.held IS DISTINCT FROM coalesce(e.held, 0)
"""  # noqa: S608 - made of constants
ENTRIES_EXAMINED = "SELECT count(DISTINCT movement) FROM ledger_entry"
ENTRIES = f"""
SELECT e.movement::text, CASE
    WHEN m.id IS NULL THEN 'hay asientos de un movimiento que no existe'
    WHEN v.movement_id IS NULL THEN 'hay asientos de un movimiento sin veredicto'
    WHEN v.status = 'rejected' THEN 'fue rechazado y tiene asientos'
    ELSE 'espera respuesta y ya tiene asientos' END
FROM (SELECT DISTINCT movement FROM ledger_entry) AS e
LEFT JOIN movements_movement AS m ON m.id = e.movement LEFT JOIN movements_verdict AS v ON v.movement_id = e.movement
WHERE m.id IS NULL OR v.movement_id IS NULL OR v.status = 'rejected' OR e.movement IN ({_OPEN})
"""  # noqa: S608 - made of constants
LEAVES_EXAMINED = "SELECT count(*) FROM movements_verdict"
LEAVES = """
WITH counted AS (
    SELECT v.group, count(*) AS verdicts, count(DISTINCT v.position) AS places, min(v.position) AS first,
        max(v.position) AS last
    FROM movements_verdict AS v GROUP BY v.group
)
SELECT format('grupo %s', coalesce(c.group, g.id)), format('%s veredictos en %s lugares y %s hojas',
    coalesce(c.verdicts, 0), coalesce(c.places, 0), coalesce(g.size, 0))
FROM counted AS c FULL JOIN (
    SELECT id, size FROM transparency_group WHERE id NOT IN (SELECT group_id FROM transparency_sealed_group)
) AS g ON g.id = c.group
WHERE c.verdicts IS DISTINCT FROM g.size OR c.places <> g.size OR c.first <> 0 OR c.last <> g.size - 1
"""
WORDS_EXAMINED = "SELECT count(*) FROM movements_verdict"
WORDS = """
SELECT v.movement_id::text, 'faltan sus palabras y su sal, y ningún acto las borró' FROM movements_verdict AS v
WHERE NOT EXISTS (SELECT FROM movements_rawitem AS r WHERE r.movement_id = v.movement_id) AND NOT EXISTS (
    SELECT FROM movements_erasureitem AS i JOIN movements_erasuredecision AS d ON d.erasure = i.erasure
    WHERE i.relation = 'movements_rawitem' AND i.key = v.movement_id::text AND d.decision = 'approved'
)
"""
CLAIMS_EXAMINED = "SELECT count(*) FROM movements_movement"
CLAIMS = """
SELECT coalesce(m.id, v.movement_id)::text, CASE
    WHEN m.id IS NULL THEN 'veredicto de un movimiento que no existe' ELSE 'movimiento sin veredicto' END
FROM movements_movement AS m FULL JOIN movements_verdict AS v ON v.movement_id = m.id
WHERE m.id IS NULL OR v.movement_id IS NULL
UNION ALL
SELECT coalesce(p.movement_id, v.movement_id)::text, 'espera respuesta sin que su veredicto lo diga, o al revés'
FROM movements_pending AS p FULL JOIN (SELECT movement_id FROM movements_verdict WHERE status = 'pending') AS v
    ON v.movement_id = p.movement_id
WHERE p.movement_id IS NULL OR v.movement_id IS NULL
UNION ALL
SELECT e.movement_id::text, 'se respondió y no esperaba respuesta' FROM movements_pendingend AS e
WHERE NOT EXISTS (SELECT FROM movements_pending AS p WHERE p.movement_id = e.movement_id)
"""
# Parents before children, by the order of their verdicts: no lot can be its own ancestor.
ORDER_EXAMINED = "SELECT count(*) FROM ledger_lot_parent"
ORDER = """
SELECT format('%s → %s', p.parent, p.child), format('el padre se hizo en %s/%s y el hijo en %s/%s', parent.group,
    parent.position, child.group, child.position)
FROM ledger_lot_parent AS p JOIN ledger_lot AS l ON l.account = p.parent
LEFT JOIN movements_verdict AS parent ON parent.movement_id = l.movement
LEFT JOIN movements_verdict AS child ON child.movement_id = p.movement
WHERE ((parent.group, parent.position) < (child.group, child.position)) IS NOT TRUE
"""

# What was made of a lot while a suspension of it was open is under it too; an act that was lifted is over.
SUSPENSIONS_EXAMINED = "SELECT count(*) FROM ledger_lot_suspension"
SUSPENSIONS = """
SELECT format('%s/%s', s.act, s.lot), 'no es un acto de suspensión aceptado' FROM ledger_lot_suspension AS s
WHERE NOT EXISTS (SELECT FROM movements_movement AS m JOIN movements_verdict AS v ON v.movement_id = m.id
    WHERE m.id = s.act AND m.kind = 'suspension' AND v.status = 'accepted')
UNION ALL
SELECT format('%s/%s', s.act, p.child), format('se hizo de %s, que está suspendido, y no lo está', p.parent)
FROM ledger_lot_suspension AS s JOIN ledger_lot_parent AS p ON p.parent = s.lot
WHERE NOT EXISTS (SELECT FROM ledger_suspension_lift AS f WHERE f.act = s.act)
    AND NOT EXISTS (SELECT FROM ledger_lot_suspension AS c WHERE c.act = s.act AND c.lot = p.child)
UNION ALL
SELECT f.act::text, format('lo levanta %s, que no es un levantamiento aceptado de ese acto', f.movement)
FROM ledger_suspension_lift AS f
WHERE NOT EXISTS (SELECT FROM movements_movement AS m JOIN movements_verdict AS v ON v.movement_id = m.id
    WHERE m.id = f.movement AND m.subject = f.act AND m.kind = 'lift' AND v.status = 'accepted')
"""
MARKS_EXAMINED = "SELECT count(*) FROM ledger_lot_mark"
MARKS = """
SELECT format('%s/%s', k.act, k.lot), 'no es de un acto de acreditación aceptado' FROM ledger_lot_mark AS k
WHERE NOT EXISTS (SELECT FROM movements_movement AS m JOIN movements_verdict AS v ON v.movement_id = m.id
    WHERE m.id = k.act AND m.kind = 'accredit' AND v.status = 'accepted')
UNION ALL
SELECT m.id::text, 'es un acto sin una segunda persona que lo aprobara' FROM movements_movement AS m
WHERE m.kind IN ('suspension', 'lift', 'seizure', 'accredit') AND NOT EXISTS (
    SELECT FROM movements_actdecision AS d
    WHERE d.proposal = m.id AND d.decision = 'approved' AND lower(trim(d.decided_by)) <> lower(trim(d.proposed_by)))
"""

CHECKS = (
    Check("holds", "Cada lote retiene lo que suman sus ofertas abiertas", HOLDS_EXAMINED, HOLDS),
    Check("movements", "Todo asiento es de un movimiento aceptado", ENTRIES_EXAMINED, ENTRIES),
    Check("claims", "Cada movimiento tiene su veredicto, y cada espera el suyo", CLAIMS_EXAMINED, CLAIMS),
    Check("words", "Cada movimiento guarda sus palabras, o un acto las borró", WORDS_EXAMINED, WORDS),
    Check("order", "Cada lote se hizo después que sus padres", ORDER_EXAMINED, ORDER),
    Check(
        "suspensions",
        "Cada suspensión abierta alcanza todo lo que se hizo de sus lotes, y cada levantamiento es del suyo",
        SUSPENSIONS_EXAMINED,
        SUSPENSIONS,
    ),
    Check("acts", "Cada marca de un lote es de un acto, y cada acto de dos personas", MARKS_EXAMINED, MARKS),
    Check("leaves", "Cada veredicto tiene su hoja en el registro público", LEAVES_EXAMINED, LEAVES),
)
