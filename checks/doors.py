"""The import contract of the slices: they meet only at their doors, and the node only at `domain`."""

from collections.abc import Iterator

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

# What every slice stands on, and the edges, which may read everything.
OPEN = {"kernel", "norms", "storage", "site"}
EDGES = {"config", "cli", "demo"}


class SliceDoors(Contract):
    """A slice imports of another slice only `domain`, `services` and `queries`; `node` only `domain`.

    `also` lists the modules beyond those doors that are meant for other slices, each by its full name.
    """

    type_name = "slice_doors"
    also = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look at every import between slices."""
        also = {str(name) for name in self.also or []}
        broken = [
            f"{importer} → {imported} (line {_line(graph, importer, imported)})"
            for importer, imported in _between_slices(graph)
            if imported not in also and not _is_door(importer, imported)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": sorted(broken)})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each import that goes round a door."""
        for line in check.metadata["broken"]:
            output.print_error(f"- {line}")


def _between_slices(graph: ImportGraph) -> Iterator[tuple[str, str]]:
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            ours, theirs = _slice(importer), _slice(imported)
            if ours and theirs and ours != theirs and ours not in EDGES and theirs not in OPEN:
                yield importer, imported


def _slice(module: str) -> str:
    """The slice of a module of ours; empty for the top package and for other people's."""
    parts = module.split(".")
    return parts[1] if parts[0] == "veta" and len(parts) > 1 else ""


def _is_door(importer: str, imported: str) -> bool:
    parts = imported.split(".")
    door = parts[2] if len(parts) > 2 else ""
    return door == "domain" or (_slice(importer) != "node" and door in {"services", "queries"})


def _line(graph: ImportGraph, importer: str, imported: str) -> int:
    details = graph.get_import_details(importer=importer, imported=imported)
    return details[0]["line_number"] if details else 0
