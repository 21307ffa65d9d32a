"""Ids in the address of a page, as short digests: a link that is passed on, or lies in a browser's history or a log,
names nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def digest(key: str, name: str) -> str:
    """A short name for an id of the data set with this content key; the same id has another one in other data.

    >>> digest("k", "ann@example.org") == digest("k", "ann@example.org") != digest("other", "ann@example.org")
    True
    >>> len(digest("k", "ann@example.org"))
    12
    """
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), key=key.encode()[:64], digest_size=6).hexdigest()


def resolved(key: str, named: str, names: Iterable[str]) -> list[str]:
    """The ids that digests joined by dots stand for, in that order, of these names; unknown ones stand for nobody.

    >>> resolved("k", f"{digest('k', 'bob')}.0123456789ab.{digest('k', 'ann')}", ["ann", "bob"])
    ['bob', 'ann']
    """
    if not named:
        return []
    known = {digest(key, name): name for name in names}
    return [known[said] for said in dict.fromkeys(named.split(".")) if said in known]
