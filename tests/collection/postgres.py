"""A PostgreSQL server of the tests' own, where Debian's is installed; it cannot be root's, so it runs as `postgres`."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psutil


class Postgres:
    """A server in a folder of its own, on a free port of this machine."""

    def __init__(self) -> None:
        self.bin = binaries()
        self.folder = Path(tempfile.mkdtemp(prefix="workbench-pg-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._own = os.geteuid() == 0
        if self._own:
            who = pwd.getpwnam("postgres")
            os.chown(self.folder, who.pw_uid, who.pw_gid)
        self._run("initdb", "-D", f"{self.folder}/data", "-U", "labels", "-A", "trust", "--no-sync")
        self.start()

    @property
    def url(self) -> str:
        """Of the database that every server has."""
        return f"postgresql://labels@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Starts it and waits until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder} -c max_connections=200"
        for attempt in range(5):
            try:
                self._run(
                    "pg_ctl", "-D", f"{self.folder}/data", "-o", options, "-l", f"{self.folder}/log", "-w", "start"
                )
                return
            except subprocess.CalledProcessError:
                if attempt == 4:
                    raise
                time.sleep(2)

    def kill(self) -> None:
        """Kills it as a crash would."""
        pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        doomed = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        for process in doomed:
            process.kill()
        psutil.wait_procs(doomed, 30)

    def stop(self) -> None:
        """Ends it and removes its folder."""
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        command = [str(self.bin / program), *arguments]
        if self._own:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        subprocess.run(command, check=check, capture_output=True, cwd=self.folder, timeout=120)


def binaries() -> Path | None:
    """Where the server's programs lie; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None
