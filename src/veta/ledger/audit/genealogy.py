"""Checks of lots: where each came from, what each mix is made of, and that each origin is still all there."""

from veta.ledger.domain.check import Check

LOTS = "SELECT count(*) FROM ledger_lot"
PARENTS = "SELECT count(*) FROM ledger_lot_parent"

LOT_ROWS = """
SELECT coalesce(l.account, a.id)::text, CASE
    WHEN a.id IS NULL THEN 'lote sin cuenta' WHEN l.account IS NULL THEN 'cuenta de lote sin sus datos'
    WHEN (l.origin IS NULL) = (l.composition IS NULL) THEN 'sin un origen o una composición, y solo uno'
    WHEN o.id IS NULL AND c.id IS NULL THEN format('su origen %s no existe', coalesce(l.origin, l.composition))
    ELSE format('es de %s en una cuenta %s de %s', l.mineral, a.kind, a.commodity) END
FROM ledger_lot AS l
FULL JOIN (SELECT * FROM ledger_account WHERE kind NOT IN ('quota')) AS a ON a.id = l.account
LEFT JOIN ledger_origin AS o ON o.id = l.origin LEFT JOIN ledger_composition AS c ON c.id = l.composition
WHERE a.id IS NULL OR (l.account IS NULL AND a.kind = 'lot') OR (l.account IS NOT NULL AND (
    a.kind <> 'lot' OR a.commodity <> l.mineral OR (l.origin IS NULL) = (l.composition IS NULL)
    OR (o.id IS NULL AND c.id IS NULL)))
"""
# A lot is filled by the movement that made it: from lots or a process, which are then its ancestors, or from outside.
BIRTH = """
WITH birth AS (
    SELECT l.account, l.movement, l.composition,
        count(*) FILTER (WHERE s.kind = 'lot') AS from_lots, count(*) FILTER (WHERE s.kind = 'process') AS from_process,
        count(*) FILTER (WHERE s.kind = 'lot' AND p.parent IS NULL) AS unnamed, count(s.id) AS filled
    FROM ledger_lot AS l
    LEFT JOIN ledger_entry AS e ON e.movement = l.movement AND e.target = l.account
    LEFT JOIN ledger_account AS s ON s.id = e.source
    LEFT JOIN ledger_lot_parent AS p ON p.parent = e.source AND p.child = l.account AND p.movement = l.movement
    GROUP BY l.account
), ancestry AS (
    SELECT b.*, EXISTS (SELECT FROM ledger_lot_parent AS p WHERE p.child = b.account) AS has_parents FROM birth AS b
)
SELECT account::text, CASE
    WHEN filled = 0 THEN format('el movimiento %s no le dio nada', movement)
    WHEN unnamed > 0 THEN format('recibió de %s lotes que no figuran como sus padres', unnamed)
    WHEN from_process > 0 THEN 'salió de un proceso y no tiene padres'
    WHEN has_parents THEN 'tiene padres y no salió de ningún lote'
    ELSE 'sin padres y con mezcla de orígenes' END
FROM ancestry
WHERE filled = 0 OR unnamed > 0 OR (from_process > 0 AND NOT has_parents)
    OR (from_lots = 0 AND from_process = 0 AND (has_parents OR composition IS NOT NULL))
"""
PARENT_ROWS = """
SELECT format('%s → %s', p.parent, p.child), CASE
    WHEN parent.account IS NULL OR child.account IS NULL THEN 'une lotes que no existen'
    WHEN child.movement <> p.movement THEN format('el hijo lo hizo el movimiento %s, no %s', child.movement, p.movement)
    ELSE format('el movimiento %s no sacó nada del padre', p.movement) END
FROM ledger_lot_parent AS p
LEFT JOIN ledger_lot AS parent ON parent.account = p.parent LEFT JOIN ledger_lot AS child ON child.account = p.child
WHERE parent.account IS NULL OR child.account IS NULL OR child.movement <> p.movement
    OR NOT EXISTS (SELECT FROM ledger_entry AS e WHERE e.movement = p.movement AND e.source = p.parent)
"""
# Origins of lots by their sources, so that a composition shared by a million lots is opened once.
SUBSET = """
WITH pair AS (
    SELECT DISTINCT child.account, child.origin, child.composition, parent.origin AS from_origin,
        parent.composition AS from_composition
    FROM ledger_lot_parent AS p JOIN ledger_lot AS parent ON parent.account = p.parent
    JOIN ledger_lot AS child ON child.account = p.child
), changed AS (
    SELECT account, origin, composition FROM pair GROUP BY account, origin, composition
    HAVING count(*) > 1 OR bool_or((origin, composition) IS DISTINCT FROM (from_origin, from_composition))
), inherited AS (
    SELECT k.account, unnest(coalesce(c.origins, ARRAY[k.from_origin])) AS origin
    FROM pair AS k JOIN changed USING (account) LEFT JOIN ledger_composition AS c ON c.id = k.from_composition
), own AS (
    SELECT k.account, unnest(coalesce(c.origins, ARRAY[k.origin])) AS origin
    FROM changed AS k LEFT JOIN ledger_composition AS c ON c.id = k.composition
)
SELECT account::text, format('el origen %s no está en ninguno de sus padres', origin)
FROM (SELECT account, origin FROM own EXCEPT SELECT account, origin FROM inherited) AS foreign_origin
"""
# A mixing: lots of one mineral poured into lots of one composition, from sources that differ. `taken`: what it took of
# each source; a process counts in its own commodities and weights, and is not one.
_MIXINGS = """
WITH mixed AS (
    SELECT l.account, l.movement, l.mineral, l.composition
    FROM ledger_lot_parent AS p JOIN ledger_lot AS l ON l.account = p.child JOIN ledger_lot AS s ON s.account = p.parent
    GROUP BY l.account HAVING count(DISTINCT coalesce(s.origin, s.composition)) > 1
), taken AS (
    SELECT m.movement, m.mineral, m.composition, s.origin, s.composition AS part, sum(e.amount) AS amount
    FROM mixed AS m JOIN ledger_entry AS e ON e.movement = m.movement AND e.target = m.account
    JOIN ledger_lot AS s ON s.account = e.source
    GROUP BY m.movement, m.mineral, m.composition, s.origin, s.composition
), exact AS (
    SELECT t.movement, t.mineral, t.composition, coalesce(u.origin, t.origin) AS origin,
        sum(CASE WHEN t.part IS NULL THEN t.amount ELSE t.amount * u.weight * 1e30 / c.total / 1e30 END) AS share
    FROM taken AS t LEFT JOIN ledger_composition AS c ON c.id = t.part
    LEFT JOIN LATERAL unnest(c.origins, c.weights) AS u (origin, weight) ON true
    GROUP BY t.movement, t.mineral, t.composition, coalesce(u.origin, t.origin)
)
"""
MIXINGS_EXAMINED = f"{_MIXINGS} SELECT count(*) FROM (SELECT DISTINCT movement, mineral, composition FROM taken) AS m"  # noqa: S608
MIXINGS = f"""
{_MIXINGS}, weighed AS (
    SELECT DISTINCT t.movement, t.mineral, t.composition, u.origin, u.weight
    FROM taken AS t JOIN ledger_composition AS c ON c.id = t.composition
    CROSS JOIN LATERAL unnest(c.origins, c.weights) AS u (origin, weight)
)
SELECT composition::text, format('el movimiento %s tomó %s de sus padres y los pesos suman %s', movement, taken.total,
    c.total)
FROM (SELECT movement, composition, sum(amount) AS total FROM taken GROUP BY movement, composition) AS taken
JOIN ledger_composition AS c ON c.id = taken.composition WHERE c.total <> taken.total
UNION ALL
SELECT coalesce(e.movement, w.movement)::text, format('del origen %s entró %s a la mezcla %s y pesa %s',
    coalesce(e.origin, w.origin), round(coalesce(e.share, 0), 6), coalesce(e.composition, w.composition), w.weight)
FROM exact AS e FULL JOIN weighed AS w
    ON (w.movement, w.mineral, w.composition, w.origin) = (e.movement, e.mineral, e.composition, e.origin)
WHERE abs(coalesce(e.share, 0) - coalesce(w.weight, 0)) >= 1
"""  # noqa: S608 - made of constants
# What crossed the edge of the lots, less what is left in them, by the exact share of each origin: only mixings may keep
# it from zero, each by less than one unit. A process is an edge: it takes in one commodity and gives in another.
ORIGINS = f"""
{_MIXINGS}, crossing AS (
    SELECT e.target AS lot, e.amount::numeric AS net
    FROM ledger_entry AS e JOIN ledger_account AS s ON s.id = e.source WHERE s.kind <> 'lot'
    UNION ALL SELECT e.source, -e.amount::numeric
    FROM ledger_entry AS e JOIN ledger_account AS t ON t.id = e.target WHERE t.kind <> 'lot'
    UNION ALL SELECT a.id, a.released::numeric - a.received FROM ledger_account AS a WHERE a.kind = 'lot'
), source AS (
    SELECT l.mineral, l.origin, l.composition, sum(k.net) AS net
    FROM crossing AS k JOIN ledger_lot AS l ON l.account = k.lot
    GROUP BY l.mineral, l.origin, l.composition HAVING sum(k.net) <> 0
), astray AS (
    SELECT s.mineral, coalesce(u.origin, s.origin) AS origin,
        sum(CASE WHEN s.composition IS NULL THEN s.net ELSE s.net * u.weight * 1e30 / c.total / 1e30 END) AS net
    FROM source AS s LEFT JOIN ledger_composition AS c ON c.id = s.composition
    LEFT JOIN LATERAL unnest(c.origins, c.weights) AS u (origin, weight) ON true
    GROUP BY s.mineral, coalesce(u.origin, s.origin)
), mixings AS (
    SELECT mineral, origin, count(*) AS allowed FROM exact GROUP BY mineral, origin
)
SELECT format('%s de %s', a.mineral, a.origin),
    format('entre lo que entró, salió y queda faltan %s, con %s mezclas', round(a.net, 6), coalesce(m.allowed, 0))
FROM astray AS a LEFT JOIN mixings AS m ON (m.mineral, m.origin) = (a.mineral, a.origin)
WHERE abs(a.net) > coalesce(m.allowed, 0)
"""  # noqa: S608 - made of constants
ORIGINS_EXAMINED = """
SELECT count(*) FROM (
    SELECT DISTINCT l.mineral, coalesce(u.origin, l.origin)
    FROM (SELECT DISTINCT mineral, origin, composition FROM ledger_lot) AS l
    LEFT JOIN ledger_composition AS c ON c.id = l.composition LEFT JOIN LATERAL unnest(c.origins) AS u (origin) ON true
) AS pairs
"""
ORPHANS = """
SELECT c.id::text, 'composición de ningún lote' FROM ledger_composition AS c
WHERE NOT EXISTS (SELECT FROM ledger_lot AS l WHERE l.composition = c.id)
UNION ALL
SELECT o.origin::text, format('origen de la composición %s que no existe', o.composition)
FROM (SELECT id AS composition, unnest(origins) AS origin FROM ledger_composition) AS o
WHERE NOT EXISTS (SELECT FROM ledger_origin AS k WHERE k.id = o.origin)
UNION ALL
SELECT o.id::text, 'origen de ningún lote ni composición' FROM ledger_origin AS o
WHERE o.id NOT IN (
    SELECT origin FROM ledger_lot WHERE origin IS NOT NULL UNION SELECT unnest(origins) FROM ledger_composition
)
UNION ALL
SELECT s.lot::text, format('suspendido por %s y no existe', s.act) FROM ledger_lot_suspension AS s
WHERE NOT EXISTS (SELECT FROM ledger_lot AS l WHERE l.account = s.lot)
UNION ALL
SELECT f.act::text, 'levantamiento de una suspensión que no alcanza a ningún lote' FROM ledger_suspension_lift AS f
WHERE NOT EXISTS (SELECT FROM ledger_lot_suspension AS s WHERE s.act = f.act)
"""
ORPHANS_EXAMINED = """
SELECT (SELECT count(*) FROM ledger_composition) + (SELECT count(*) FROM ledger_origin)
    + (SELECT count(*) FROM ledger_lot_suspension) + (SELECT count(*) FROM ledger_suspension_lift)
"""

CHECKS = (
    Check("lots", "Cada lote tiene su cuenta y un origen o una composición que existen", LOTS, LOT_ROWS),
    Check("birth", "Cada lote hecho de lotes tiene a sus padres, y los demás entraron con un solo origen", LOTS, BIRTH),
    Check("parents", "Cada parentesco une dos lotes y viene del movimiento que hizo al hijo", PARENTS, PARENT_ROWS),
    Check("subset", "Ningún lote tiene un origen que no venga de sus padres", PARENTS, SUBSET),
    Check(
        "mixings",
        "Los pesos de cada mezcla son lo que entró, a menos de una unidad por origen",
        MIXINGS_EXAMINED,
        MIXINGS,
    ),
    Check(
        "origins",
        "De cada origen: lo que entró es lo que salió más lo que queda, salvo una unidad por mezcla",
        ORIGINS_EXAMINED,
        ORIGINS,
    ),
    Check("orphans", "No hay orígenes, composiciones ni suspensiones sueltos", ORPHANS_EXAMINED, ORPHANS),
)
