"""The one exception the workbench raises on purpose: something the user can mend.

Its message is a single readable line that says what is wrong, where (file, row, ids; the first five) and what to do
next. Pages show it in a box, the command line prints it and exits with 2. Findings about the *data* are not errors:
they are values (`workbench.findings`).
"""

from __future__ import annotations

from workbench.messages import Message, Words, in_python, message

LONGEST = 1_000
"""Characters of each half of a message: names of columns and ids come from files and have any length."""


class WorkbenchError(Exception):
    """Could not do what was asked; `str(error)` is one line for the person who asked.

    Parameters
    ----------
    what : what is wrong, with the place: file name, row, ids.
    remedy : what to do next, as an instruction; a `Message` where it names a choice of the reader's.
    """

    def __init__(self, what: str | Message, remedy: str | Message = "") -> None:
        self.told = message(what), message(remedy)
        super().__init__(" ".join(self.say()))

    @property
    def what(self) -> str:
        """What is wrong, in Python's words."""
        return shortened(str(self.told[0]), LONGEST)

    @property
    def remedy(self) -> str:
        """What to do next, in Python's words; empty where there is nothing to say."""
        return shortened(str(self.told[1]), LONGEST)

    def say(self, words: Words = in_python) -> tuple[str, ...]:
        """What is wrong and what to do next, in somebody's words; what there is of the two."""
        return tuple(said for each in self.told if (said := shortened(each.say(words), LONGEST)))


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
