"""Checks of accounts and entries: nothing out of nothing, nothing over, every integer as its entries make it."""

from veta.ledger.domain.check import Check

ENTRIES = "SELECT count(*) FROM ledger_entry"
ACCOUNTS = "SELECT count(*) FROM ledger_account"
QUOTA_ROWS = "SELECT count(*) FROM ledger_quota"
HELD = "SELECT count(*) FROM ledger_account WHERE kind IN ('lot', 'quota')"
BOUNDARIES = "SELECT count(*) FROM ledger_account WHERE kind NOT IN ('lot', 'quota')"

ZERO_SUM = """
WITH flow AS (
    SELECT e.commodity, sum(CASE WHEN t.kind IN ('lot', 'quota') THEN e.amount ELSE 0 END)
        - sum(CASE WHEN s.kind IN ('lot', 'quota') THEN e.amount ELSE 0 END) AS entered
    FROM ledger_entry AS e LEFT JOIN ledger_account AS s ON s.id = e.source LEFT JOIN ledger_account AS t
        ON t.id = e.target
    GROUP BY e.commodity
), stored AS (
    SELECT commodity, sum(received::numeric) - sum(released::numeric) AS remaining
    FROM ledger_account GROUP BY commodity
)
SELECT commodity, format('entró neto %s, queda %s', coalesce(entered, 0), coalesce(remaining, 0))
FROM flow FULL JOIN stored USING (commodity) WHERE coalesce(entered, 0) <> coalesce(remaining, 0)
"""
ONE_COMMODITY = """
SELECT format('%s/%s', e.movement, e.seq),
    format('%s %s de %s (%s) a %s (%s)', e.amount, e.commodity, e.source, s.commodity, e.target, t.commodity)
FROM ledger_entry AS e LEFT JOIN ledger_account AS s ON s.id = e.source LEFT JOIN ledger_account AS t ON t.id = e.target
WHERE s.commodity IS DISTINCT FROM e.commodity OR t.commodity IS DISTINCT FROM e.commodity
    OR e.amount <= 0 OR e.source = e.target
"""
SEQUENCE = """
SELECT movement::text, format('%s asientos, numerados de %s a %s', count(*), min(seq), max(seq))
FROM ledger_entry GROUP BY movement HAVING min(seq) <> 0 OR max(seq) <> count(*) - 1
"""
REPLAY = """
WITH replayed AS (
    SELECT account, sum(received) AS received, sum(released) AS released FROM (
        SELECT target, amount, 0 FROM ledger_entry UNION ALL SELECT source, 0, amount FROM ledger_entry
    ) AS legs (account, received, released) GROUP BY account
)
SELECT a.id::text, format('guarda %s recibido y %s salido; sus asientos dan %s y %s', a.received, a.released,
    coalesce(r.received, 0), coalesce(r.released, 0))
FROM ledger_account AS a LEFT JOIN replayed AS r ON r.account = a.id
WHERE a.kind IN ('lot', 'quota')
    AND (a.received <> coalesce(r.received, 0) OR a.released <> coalesce(r.released, 0))
"""
OVER_RELEASED = """
SELECT id::text, format('recibido %s, salido %s, retenido %s', received, released, held) FROM ledger_account
WHERE received < 0 OR released < 0 OR held < 0 OR received::numeric < released::numeric + held
"""
BOUNDARY = """
SELECT id::text, format('%s de %s con %s, %s, %s y titular %s', kind, commodity, received, released, held, holder)
FROM ledger_account
WHERE kind NOT IN ('lot', 'quota') AND (received <> 0 OR released <> 0 OR held <> 0 OR holder IS NOT NULL OR kind NOT IN
    ('grant', 'excess', 'extraction', 'documented', 'unproven', 'used', 'export', 'consumption', 'loss', 'process',
     'weighing'))
"""
QUOTAS = """
SELECT coalesce(q.account, a.id)::text, CASE
    WHEN a.id IS NULL THEN 'cupo sin cuenta'
    WHEN q.account IS NULL THEN 'cuenta de cupo sin sus datos'
    ELSE format('cuenta %s de %s para el grupo %s, de %s a %s', a.kind, a.commodity, q.quota_group, q.period_start,
        q.period_end) END
FROM ledger_quota AS q FULL JOIN (SELECT * FROM ledger_account WHERE kind = 'quota' OR commodity LIKE 'right:%') AS a
    ON a.id = q.account
WHERE a.id IS NULL OR (q.account IS NULL AND a.kind = 'quota') OR (q.account IS NOT NULL AND
    (a.kind <> 'quota' OR a.commodity <> 'right:' || q.quota_group OR q.period_end < q.period_start))
"""

CHECKS = (
    Check(
        "zero-sum", "Suma cero por mineral y por derecho: entradas menos salidas dan lo que queda", ENTRIES, ZERO_SUM
    ),
    Check(
        "one-commodity", "Cada asiento mueve una cantidad entre dos cuentas de su misma materia", ENTRIES, ONE_COMMODITY
    ),
    Check("sequence", "Los asientos de cada movimiento están completos y en orden", ENTRIES, SEQUENCE),
    Check("replay", "El saldo de cada cuenta es el que dan sus asientos", HELD, REPLAY),
    Check("over-released", "De ninguna cuenta sale ni se retiene más de lo recibido", ACCOUNTS, OVER_RELEASED),
    Check("boundary", "Las cuentas de frontera no guardan saldo ni titular", BOUNDARIES, BOUNDARY),
    Check("quotas", "Cada cupo tiene su cuenta y cada cuenta de cupo sus datos", QUOTA_ROWS, QUOTAS),
)

# What crossed each boundary: from it into the ledger, and out of the ledger into it.
BOUNDARY_SUMS = """
SELECT a.kind, a.commodity, coalesce(given.total, 0)::text, coalesce(taken.total, 0)::text
FROM ledger_account AS a
LEFT JOIN (SELECT source, sum(amount) AS total FROM ledger_entry GROUP BY source) AS given ON given.source = a.id
LEFT JOIN (SELECT target, sum(amount) AS total FROM ledger_entry GROUP BY target) AS taken ON taken.target = a.id
WHERE a.kind NOT IN ('lot', 'quota') ORDER BY a.kind, a.commodity
"""
