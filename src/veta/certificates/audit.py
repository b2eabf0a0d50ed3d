"""Checks of the certificates, with SQL of their own; they join `veta ledger audit`."""

from veta.ledger.domain.check import Check

_LEAVES = """
WITH counted AS (
    SELECT v.group, count(*) AS verdicts, count(DISTINCT v.position) AS places, min(v.position) AS first,
        max(v.position) AS last
    FROM (
        SELECT "group", position FROM movements_verdict
        UNION ALL SELECT "group", 0 FROM certificates_certificate
    ) AS v GROUP BY v.group
)
SELECT format('grupo %s', coalesce(c.group, g.id)), format('%s veredictos en %s lugares y %s hojas',
    coalesce(c.verdicts, 0), coalesce(c.places, 0), coalesce(g.size, 0))
FROM counted AS c FULL JOIN (
    SELECT id, size FROM transparency_group WHERE id NOT IN (SELECT group_id FROM transparency_sealed_group)
) AS g ON g.id = c.group
WHERE c.verdicts IS DISTINCT FROM g.size OR c.places <> g.size OR c.first <> 0 OR c.last <> g.size - 1
"""
_COVERS = """
WITH written AS (
    SELECT c.lot, c.kind, sum(CASE WHEN e.kind IS NULL THEN c.amount ELSE b.used END) AS covered
    FROM certificates_certificate AS c JOIN certificates_balance AS b ON b.certificate_id = c.id
    LEFT JOIN certificates_ending AS e ON e.certificate_id = c.id GROUP BY c.lot, c.kind
)
SELECT format('%s %s', v.lot, v.kind), format('dice %s certificado y sus certificados suman %s de %s', v.covered,
    coalesce(w.covered, 0), v.quantity)
FROM certificates_cover AS v LEFT JOIN written AS w ON w.lot = v.lot AND w.kind = v.kind
WHERE v.covered <> coalesce(w.covered, 0)
UNION ALL
SELECT format('%s %s', v.lot, v.kind), format('dice que el lote nació con %s y nació con %s', v.quantity, e.amount)
FROM certificates_cover AS v JOIN ledger_lot AS l ON l.account = v.lot CROSS JOIN LATERAL (
    SELECT coalesce(sum(e.amount), 0) AS amount FROM ledger_entry AS e
    WHERE e.movement = l.movement AND e.target = l.account
) AS e WHERE v.quantity <> e.amount
UNION ALL
SELECT c.id::text, 'certifica un lote sin su fila de cobertura' FROM certificates_certificate AS c
WHERE NOT EXISTS (SELECT FROM certificates_cover AS v WHERE v.lot = c.lot AND v.kind = c.kind)
"""
_USES = """
SELECT b.certificate_id::text, format('dice usado %s y sus usos suman %s', b.used, coalesce(sum(u.amount), 0))
FROM certificates_balance AS b LEFT JOIN certificates_use AS u ON u.certificate = b.certificate_id
GROUP BY b.certificate_id, b.used HAVING b.used <> coalesce(sum(u.amount), 0)
UNION ALL
SELECT c.id::text, format('certifica %s y su saldo dice %s', c.amount, coalesce(b.amount, 0))
FROM certificates_certificate AS c LEFT JOIN certificates_balance AS b ON b.certificate_id = c.id
WHERE b.amount IS DISTINCT FROM c.amount
"""
_NUMBERS = """
SELECT format('%s %s', coalesce(c.issuer, s.issuer), coalesce(c.kind, s.kind)),
    format('%s documentos con números del %s al %s; el último dado es el %s', c.count, c.first, c.last, s.last)
FROM (
    SELECT issuer, kind, count(*), min(number) AS first, max(number) AS last FROM certificates_certificate
    GROUP BY issuer, kind
) AS c FULL JOIN certificates_series AS s ON s.issuer = c.issuer AND s.kind = c.kind
WHERE coalesce(c.count, 0) <> coalesce(c.last, 0) OR c.first <> 1 OR coalesce(c.last, 0) IS DISTINCT FROM s.last
"""
_ORPHANS = """
SELECT s.certificate_id::text, 'se firmó sin intención guardada' FROM certificates_seal AS s
WHERE NOT EXISTS (SELECT FROM certificates_certificate AS c WHERE c.id = s.certificate_id)
"""

CHECKS = (
    # Takes the place of the movements' own: a leaf is a verdict's or a certificate's.
    Check("leaves", "Cada hoja es de un veredicto o certificado", "SELECT count(*) FROM transparency_group", _LEAVES),
    Check("certificates-cover", "Lo certificado de cada lote", "SELECT count(*) FROM certificates_cover", _COVERS),
    Check("certificates-use", "Lo usado de cada certificado", "SELECT count(*) FROM certificates_balance", _USES),
    Check("certificates-numbers", "Consecutivos sin saltos", "SELECT count(*) FROM certificates_series", _NUMBERS),
    Check("certificates-intent", "Nada firmado sin intención", "SELECT count(*) FROM certificates_seal", _ORPHANS),
)  # fmt: skip
