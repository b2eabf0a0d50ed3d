"""The log's files and its index of leaves, made anew from the database."""

from collections.abc import Callable

from veta.storage.connection import plain_connection
from veta.transparency.domain.tiles import EMPTY_ROOT, Edge
from veta.transparency.files import TileFiles, directory
from veta.transparency.integrate import REMEDY, LogBroken, prefix_of, read_entries, read_head
from veta.transparency.queries import checkpoint

_INDEX = """
INSERT INTO transparency_leaf_index (prefix, index) SELECT * FROM unnest(%s::bigint[], %s::bigint[])
ON CONFLICT DO NOTHING
"""


def rebuild(advance: Callable[[int], None]) -> int:
    """Write every tile of the signed tree, the checkpoint that is served, and what the index lacks; how many leaves.

    Raises LogBroken, before the checkpoint is written, where the stored entries do not give the root that was signed.
    """
    files, edge = TileFiles(directory()), Edge()
    with plain_connection(autocommit=True) as session, session.cursor() as cursor:
        head = read_head(session)
        for chunk in read_entries(session, 0, head.size):
            places = list(range(edge.size, edge.size + len(chunk)))
            files.write(edge.extend(chunk))
            cursor.execute(_INDEX, ([prefix_of(entry) for entry in chunk], places))
            advance(len(chunk))
        if (edge.size, edge.root()) != (head.size, head.root if head.size else EMPTY_ROOT):
            raise LogBroken(f"Las hojas guardadas hasta {head.size} no dan la raíz firmada. {REMEDY}")
        files.write(edge.partial())
        served = checkpoint(cursor)
        if served is not None:
            files.write_checkpoint(served.note)
    return edge.size
