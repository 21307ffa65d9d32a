"""Which servers elsewhere may be sent texts: asked once a project, kept, shown, and taken back at any time.

A permission is a file of its own, so that two people who allow or take back at once do not lose each other's word.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

from workbench.drafts import drafted
from workbench.errors import WorkbenchError
from workbench.judging.anchor_rounds import anchors_file, rounds_file
from workbench.locations import judging_folder


@dataclass(frozen=True)
class Allowed:
    """A host that may be sent the texts of a project.

    Attributes
    ----------
    scope : the project, or the data set where there is none.
    host : its name with the port.
    who, at : who allowed it ('' without a login), and when: UTC, ISO 8601.
    """

    scope: str
    host: str
    who: str
    at: str


def allow_host(scope: str, host: str, who: str = "") -> Allowed:
    """Remembers that this host may be sent the texts.

    Raises
    ------
    WorkbenchError : no host is named.
    """
    if not scope or not host:
        raise WorkbenchError("No server is named.", "Write its address in full.")
    found = Allowed(scope, host, who, datetime.now(UTC).isoformat(timespec="seconds"))
    path = _file(scope, host)
    path.parent.mkdir(parents=True, exist_ok=True)
    with drafted(path) as draft:
        draft.write_text(json.dumps(asdict(found)), "utf-8")
    return found


def revoke_host(scope: str, host: str) -> None:
    """Takes the permission back; what was sent stays sent."""
    _file(scope, host).unlink(missing_ok=True)


def allowed_hosts(scope: str) -> tuple[Allowed, ...]:
    """All hosts that may be sent the texts of a project, by name; a file that cannot be read allows nothing."""
    found = []
    for path in (judging_folder() / "allowed").glob("*.json"):
        try:
            read = Allowed(**json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            continue
        if read.scope == scope and path == _file(scope, read.host):
            found.append(read)
    return tuple(sorted(found, key=lambda each: each.host))


def forget_scope(scope: str) -> None:
    """Takes back every permission of a scope, and deletes the pairs that were frozen for it."""
    for each in allowed_hosts(scope):
        revoke_host(scope, each.host)
    frozen = anchors_file(scope)
    for path in (frozen, rounds_file(frozen)):
        path.unlink(missing_ok=True)


def _file(scope: str, host: str) -> Path:
    name = blake2b(f"{scope}\x00{host}".encode(), digest_size=12).hexdigest()
    return judging_folder() / "allowed" / f"{name}.json"
