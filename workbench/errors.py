"""The one exception the workbench raises on purpose: something the user can mend.

Its message is a single readable line that says what is wrong, where (file, row, ids; the first five) and what to do
next. Pages show it in a box, the command line prints it and exits with 2. Findings about the *data* are not errors:
they are values (`workbench.findings`).
"""

from __future__ import annotations


class WorkbenchError(Exception):
    """Could not do what was asked; `str(error)` is one line for the person who asked.

    Parameters
    ----------
    what : what is wrong, with the place: file name, row, ids.
    remedy : what to do next, as an instruction.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        self.what = " ".join(str(what).split())
        self.remedy = " ".join(str(remedy).split())
        super().__init__(f"{self.what} {self.remedy}".strip())


class SettledError(WorkbenchError):
    """The cause lies in what the work was started with: started anew with something else it may succeed, resumed it
    fails again.
    """


def first_five(values: object) -> str:
    """Names the first five of some ids for a message: `a, b, c, d, e and 7 more`.

    >>> first_five(range(7))
    '0, 1, 2, 3, 4 and 2 more'
    """
    listed = [_short(value) for value in values]  # type: ignore[attr-defined]
    more = len(listed) - 5
    return ", ".join(listed[:5]) + (f" and {more:,} more" if more > 0 else "")


def counted(n: float, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> counted(1, "judgement"), counted(1_200, "judgement"), counted(2, "pair was", "pairs were")
    ('1 judgement', '1,200 judgements', '2 pairs were')
    """
    return f"{n:,.0f} {one if n == 1 else many or f'{one}s'}"


def _short(value: object, limit: int = 40) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= limit else text[: limit - 3] + "..."
