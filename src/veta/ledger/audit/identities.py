"""Checks of ids made of content: whoever changes the content in place is betrayed by the id."""

from veta.ledger.domain.check import Check

ORIGIN_ROWS = "SELECT count(*) FROM ledger_origin"
COMPOSITION_ROWS = "SELECT count(*) FROM ledger_composition"
ACCOUNT_ROWS = "SELECT count(*) FROM ledger_account WHERE kind <> 'lot'"


def _uuid_of(*parts: str) -> str:
    """SQL for the UUIDv8 of the SHA-256 of text parts joined by U+001F (written apart from the kernel's own)."""
    joined = " || U&'\\001F' || ".join(parts)
    digest = f"encode(sha256(convert_to({joined}, 'UTF8')), 'hex')"
    variant = f"substr('89ab89ab89ab89ab', strpos('0123456789abcdef', substr({digest}, 17, 1)), 1)"
    return f"(substr({digest}, 1, 12) || '8' || substr({digest}, 14, 3) || {variant} || substr({digest}, 18, 15))::uuid"


ORIGINS = f"""
SELECT id::text, format('%s %s %s no da ese identificador', kind, coalesce(code, municipality), person)
FROM ledger_origin
WHERE id <> {_uuid_of("'origin'", "kind", "coalesce(code, municipality, '')", "coalesce(person::text, '')")}
    OR (code IS NOT NULL AND municipality IS NOT NULL)
"""  # noqa: S608 - made of constants
COMPOSITIONS = f"""
WITH packed AS (
    SELECT c.id, c.total, sum(u.weight) AS weights, count(DISTINCT u.origin) AS origins, count(*) AS places,
        bool_and(u.weight > 0) IS TRUE AS positive,
        encode(sha256(string_agg(uuid_send(u.origin), '' ORDER BY u.place)
            || string_agg(int8send(u.weight), '' ORDER BY u.place)), 'hex') AS digest
    FROM ledger_composition AS c
    LEFT JOIN LATERAL unnest(c.origins, c.weights) WITH ORDINALITY AS u (origin, weight, place) ON true
    GROUP BY c.id, c.total
)
SELECT id::text, format('pesos %s, total %s, %s orígenes distintos en %s lugares', weights, total, origins, places)
FROM packed
WHERE weights IS DISTINCT FROM total OR origins <> places OR NOT positive
    OR id IS DISTINCT FROM {_uuid_of("'composition'", "digest")}
"""  # noqa: S608 - made of constants
ACCOUNTS = f"""
SELECT id::text, format('%s de %s no da ese identificador', kind, commodity) FROM ledger_account
WHERE kind NOT IN ('lot', 'quota') AND id <> {_uuid_of("'boundary'", "kind", "commodity")}
UNION ALL
SELECT account::text, format('%s %s %s %s no da ese identificador', basis, subject, quota_group, period_start)
FROM ledger_quota
WHERE account <> {_uuid_of("'quota'", "basis", "subject::text", "quota_group", "to_char(period_start, 'YYYY-MM-DD')")}
"""  # noqa: S608 - made of constants

CHECKS = (
    Check("origin-id", "El identificador de cada origen es el de su contenido", ORIGIN_ROWS, ORIGINS),
    Check(
        "composition",
        "Los pesos de cada composición suman su total, y su identificador es el de su contenido",
        COMPOSITION_ROWS,
        COMPOSITIONS,
    ),
    Check(
        "account-id",
        "El identificador de cada cupo y de cada cuenta de frontera es el de su contenido",
        ACCOUNT_ROWS,
        ACCOUNTS,
    ),
)
