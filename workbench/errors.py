"""The one exception the workbench raises on purpose: something the user can mend.

Its message is a single readable line that says what is wrong, where (file, row, ids; the first five) and what to do
next. Pages show it in a box, the command line prints it and exits with 2. Findings about the *data* are not errors:
they are values (`workbench.findings`).
"""

from __future__ import annotations

LONGEST = 1_000
"""Characters of each half of a message: names of columns and ids come from files and have any length."""


class WorkbenchError(Exception):
    """Could not do what was asked; `str(error)` is one line for the person who asked.

    Parameters
    ----------
    what : what is wrong, with the place: file name, row, ids.
    remedy : what to do next, as an instruction.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        self.what = shortened(what, LONGEST)
        self.remedy = shortened(remedy, LONGEST)
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


def shortened(value: object, limit: int) -> str:
    r"""A text in one line of at most so many characters; of a longer one the beginning and the end are kept.

    >>> shortened("one  two\nthree", 20), shortened("a" * 30 + "z" * 30, 15)
    ('one two three', 'aaaaaaa...zzzzz')
    """
    text = " ".join(str(value).split())
    if len(text) <= limit:
        return text
    end = (limit - 3) // 2 if limit > 100 else (limit - 3) * 5 // 12
    return f"{text[: limit - 3 - end]}...{text[len(text) - end :]}"


def _short(value: object, limit: int = 40) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= limit else text[: limit - 3] + "..."
