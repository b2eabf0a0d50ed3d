"""Which witnesses must have cosigned, as C2SP tlog-policy writes it."""

from collections.abc import Collection
from dataclasses import dataclass, field

from veta.transparency.verifier import signed


@dataclass(slots=True)
class Policy:
    """Log keys, witness keys by name, groups as (how many, members), and the name that must hold."""

    logs: list[signed.Key] = field(default_factory=list)
    witnesses: dict[str, signed.Key] = field(default_factory=dict)
    groups: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    quorum: str = ""

    def holds(self, cosigned: Collection[signed.Key]) -> bool:
        """Whether these keys' cosignatures are enough."""
        return self.quorum == "none" or self._witnessed(self.quorum, cosigned)

    def _witnessed(self, name: str, cosigned: Collection[signed.Key]) -> bool:
        if name in self.witnesses:
            return self.witnesses[name] in cosigned
        count, members = self.groups[name]
        return sum(self._witnessed(member, cosigned) for member in members) >= count


def read(text: str) -> Policy:
    """The policy that a file says. Raises Unreadable, naming the line."""
    policy = Policy()
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.split()
        if words and not words[0].startswith("#"):
            try:
                _line(policy, words)
            except (ValueError, IndexError) as cause:
                raise signed.Unreadable(f"la línea {number} de la política no se entiende: {line.strip()}") from cause
    if not policy.quorum:
        raise signed.Unreadable("la política no dice «quorum»")
    return policy


def _line(policy: Policy, words: list[str]) -> None:
    known = policy.witnesses.keys() | policy.groups.keys()
    match words:
        case ["log", vkey, *_]:
            policy.logs.append(signed.key(vkey))
        case ["witness", name, vkey, *_] if name not in known and name != "none":
            policy.witnesses[name] = signed.key(vkey)
        case ["group", name, count, *members] if name not in known and members and set(members) <= known:
            needed = {"any": 1, "all": len(members)}.get(count) or int(count)
            if not 1 <= needed <= len(members) or len(set(members)) < len(members):
                raise ValueError
            policy.groups[name] = (needed, members)
        case ["quorum", name] if not policy.quorum and (name in known or name == "none"):
            policy.quorum = name
        case _:
            raise ValueError
