"""`docs/permissions-node.md`, written from the node's table and URLs."""

from veta.site.permission_document import document

HEAD = """\
# Permissions of the node

Every endpoint of an operator's node × every method × who may call it. Written by `veta node permissions` from
`veta.node.permissions`; a test keeps the two the same. What is not here is refused. The table says which role may ask;
of which client's things a person sees anything is asked of `veta.node.queries.members` by every page, and what is
another client's answers 404.

| word | who |
|---|---|
| everyone | no account is needed |
| session | any account that signed in, before its second factor too |
| account | any account whose session proved a second factor |
| *roles* (by any sign-in) | one of these roles; who enrolled a second factor proves it, and the desk must have one |
| + recent | the second factor was proved in the last five minutes |

`every role` stands for: {roles}. `desk` is the operator's own; the others are each of one client.

| endpoint | path | GET | POST | PUT | PATCH | DELETE |
|---|---|---|---|---|---|---|
"""


def page() -> str:
    """The whole page, as committed."""
    return document(HEAD)
