"""The genealogy of a lot drawn: what it was made of to the left, what was made of it to the right. Pure layout."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from veta.ledger.queries.desk import Step

WIDTH, HEIGHT = 196, 46
GAP_X, GAP_Y = 52, 14


@dataclass(frozen=True, slots=True)
class Node:
    """A lot of the drawing: where its box stands."""

    lot: UUID
    x: int
    y: int
    here: bool

    @property
    def middle(self) -> int:
        return self.y + HEIGHT // 2


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from a lot to one made of it, as the path of an SVG."""

    parent: UUID
    child: UUID
    path: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes and lines, and how large the whole is."""

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    width: int
    height: int


def drawing(lot: UUID, back: Iterable[Step], forward: Iterable[Step]) -> Drawing:
    """The lots around `lot` in columns by their distance, so that every line goes from left to right.

    A lot reached by several ways stands at its greatest distance. Columns are centred on each other.
    """
    back, forward = list(back), list(forward)
    level: dict[UUID, int] = {lot: 0}
    for step in back:
        level[step.parent] = min(level.get(step.parent, 0), -step.depth)
    for step in forward:
        level[step.child] = max(level.get(step.child, 0), step.depth)
    nodes = _placed(lot, level)
    by_lot = {node.lot: node for node in nodes}
    pairs = dict.fromkeys((step.parent, step.child) for step in [*back, *forward])
    edges = [Edge(p, c, _path(by_lot[p], by_lot[c])) for p, c in pairs if p in by_lot and c in by_lot]
    width = max(node.x for node in nodes) + WIDTH + 2
    return Drawing(nodes, edges, width, max(node.y for node in nodes) + HEIGHT + 2)


def _placed(lot: UUID, level: Mapping[UUID, int]) -> list[Node]:
    columns: defaultdict[int, list[UUID]] = defaultdict(list)
    for each, at in level.items():
        columns[at].append(each)
    first, tallest = min(columns), max(map(len, columns.values()))
    nodes = []
    for at, members in sorted(columns.items()):
        top = 2 + (tallest - len(members)) * (HEIGHT + GAP_Y) // 2
        x = 2 + (at - first) * (WIDTH + GAP_X)
        nodes += [Node(each, x, top + n * (HEIGHT + GAP_Y), each == lot) for n, each in enumerate(members)]
    return nodes


def _path(parent: Node, child: Node) -> str:
    start, end = parent.x + WIDTH, child.x
    half = (start + end) // 2
    return f"M{start} {parent.middle}C{half} {parent.middle} {half} {child.middle} {end} {child.middle}"
