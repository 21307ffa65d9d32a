"""Opens the workbench in a browser, on the demo data: `workbench app`, or `make run`."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Sequence

from workbench.extras import need
from workbench.locations import app_folder, clone, uploads_folder


def main(arguments: list[str] | None = None) -> int:
    """Starts the server, or says in one line why it cannot."""
    parser = argparse.ArgumentParser(
        prog="python -m workbench.cli.launch", description="Open the workbench in a browser, on the demo data."
    )
    add_options(parser)
    return launch(parser.parse_args(arguments))


def launch(options: argparse.Namespace) -> int:
    """Runs the server until it ends or is told to; a signal that ends this process ends the server with it.

    Raises
    ------
    WorkbenchError : Streamlit is not installed.
    """
    need("app", "The workbench in the browser")
    if (why := what_is_wrong(options.port, options.address)) is not None:
        print(why, file=sys.stderr)
        return 2
    address = f"http://{'127.0.0.1' if options.address == '0.0.0.0' else options.address}:{options.port}"
    page = address if options.no_demo else f"{address}/overview?data={demo_on_the_shelf()}"
    settings = ["--server.port", str(options.port), "--server.address", options.address, "--server.headless", "true"]
    for name in allowed_hosts(options.address, options.host):
        settings += ["--server.allowedHosts", name]
    command = [sys.executable, "-m", "streamlit", "run", str(app_folder() / "app.py"), *settings]
    for each in (signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])):
        signal.signal(each, _stop)
    # The settings of `.streamlit/` are found from the folder the server runs in.
    server = subprocess.Popen(command, cwd=app_folder(), stdout=subprocess.DEVNULL)
    threading.Thread(target=_announce, args=(page, options, server.poll), daemon=True).start()
    try:
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _end(server)


def _stop(number: int, _frame: object) -> None:
    """A signal ends the program the orderly way, as Ctrl-C does."""
    raise SystemExit(128 + number)


def allowed_hosts(address: str, named: Sequence[str] = ()) -> list[str]:
    """The names a browser may call this server by; a page that points another name at this machine gets no answer.

    >>> allowed_hosts("127.0.0.1"), allowed_hosts("0.0.0.0", ["labels.example.org"])[-1]
    (['localhost', '127.0.0.1', '[::1]', '::1'], 'labels.example.org')
    """
    own = ["localhost", "127.0.0.1", "[::1]", "::1"]
    if address in ("0.0.0.0", "::"):
        own += [socket.gethostname(), socket.getfqdn()]
    elif address not in own:
        own.append(address)
    return list(dict.fromkeys([*own, *named]))


def _end(server: subprocess.Popen[bytes], patience: float = 5.0) -> None:
    """Asks the server to stop, and does not wait for one that does not listen."""
    if server.poll() is not None:
        return
    server.terminate()
    try:
        server.wait(patience)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def add_options(parser: argparse.ArgumentParser) -> None:
    """Where it listens and what it opens."""
    parser.add_argument("--port", type=int, default=8501, help="default %(default)s")
    parser.add_argument(
        "--address", default="127.0.0.1", help="where to listen; 127.0.0.1 (the default) is this machine only"
    )
    parser.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name or address by which other machines reach it (with --address 0.0.0.0); others are not answered",
    )
    parser.add_argument("--no-demo", action="store_true", help="open the empty Start page instead")
    parser.add_argument("--no-browser", action="store_true", help="print the address and open no window")


def what_is_wrong(port: int, address: str) -> str | None:
    """Why no server can be started there, with what to do instead; None where one can."""
    if not 1 <= port <= 65535:
        return f"Port {port} does not exist; choose one from 1024 to 65535, as in: {_with_port(8502)}"
    if not port_is_free(port, address):
        return (
            f"Port {port} is taken, perhaps by a workbench that already runs. Choose another:"
            f" {_with_port(port % 65535 + 1)}"
        )
    return None


def _with_port(port: int) -> str:
    return f"make run PORT={port}" if clone() else f"workbench app --port {port}"


def port_is_free(port: int, address: str = "127.0.0.1") -> bool:
    """Whether a server can listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def demo_on_the_shelf() -> str:
    """Puts the demo where the pages find it, and gives its key."""
    from workbench.workspace.dataset_store import Shelf
    from workbench.workspace.demos import DEMOS, demo

    first = DEMOS[0]
    shelf = Shelf(uploads_folder())
    try:
        return shelf.keep(demo(first.name), f"Demo: {first.title}", "demo").key
    except OSError as error:
        print(
            f"The demo could not be put into {shelf.folder} ({error.strerror}); open it on the Start page.",
            file=sys.stderr,
        )
        return ""


def _announce(page: str, options: argparse.Namespace, ended: Callable[[], int | None]) -> None:
    """Says where the workbench is once it answers, and opens it where there is a screen."""
    reach = "127.0.0.1" if options.address == "0.0.0.0" else options.address
    while ended() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((reach, options.port)) == 0:
                break
        time.sleep(0.2)
    else:
        return
    print(f"\n  The workbench is at {page}\n  Stop it with Ctrl-C.\n", flush=True)
    if not options.no_browser and (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform in ("darwin", "win32")
    ):
        webbrowser.open(page)


if __name__ == "__main__":
    sys.exit(main())
