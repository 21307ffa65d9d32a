"""Makes the virtual environment, or says in one line what is missing. Runs on any Python, so it uses nothing new."""

import subprocess
import sys

NEEDED = (3, 11)


def main() -> int:
    """Checks this Python, then makes the environment in the folder given."""
    if sys.version_info < NEEDED:
        sys.stderr.write(
            "Preference Workbench needs Python %d.%d or newer; %s is Python %d.%d. "
            "Install a newer one and run: make run PYTHON=/path/to/python3.11\n"
            % (NEEDED + (sys.executable,) + tuple(sys.version_info[:2]))
        )
        return 2
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        sys.stderr.write(
            "This Python cannot make virtual environments (the venv module is missing). "
            "On Debian or Ubuntu: apt-get install python%d.%d-venv\n" % tuple(sys.version_info[:2])
        )
        return 2
    return subprocess.call([sys.executable, "-m", "venv", sys.argv[1]])


if __name__ == "__main__":
    sys.exit(main())
