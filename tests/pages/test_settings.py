"""Settings of the server that the pages rely on exist and are set; the colours are those of the figures."""

from __future__ import annotations

import tomllib

from streamlit import config

from tests.pages.conftest import ROOT
from workbench.figures.palette import SERIES
from workbench.messages import by, message, quoted

SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))


def options() -> set[str]:
    config.get_config_options(force_reparse=False)
    return set(config._config_options_template)


def test_every_setting_is_one_that_streamlit_knows() -> None:
    flat = {f"{section}.{name}" for section in ("server", "browser", "client", "runner") for name in SETTINGS[section]}
    assert flat <= options()


def test_the_hidden_collection_after_every_rerun_is_off() -> None:
    # Not in Streamlit's manual: if it goes, every click waits 65 to 200 ms longer and this test says why.
    assert "runner.postScriptGC" in options()
    assert SETTINGS["runner"]["postScriptGC"] is False


def test_nothing_is_reported_to_anybody() -> None:
    assert SETTINGS["browser"]["gatherUsageStats"] is False
    assert SETTINGS["client"]["showErrorLinks"] is False


def test_the_tables_own_export_is_off_because_it_would_not_defuse_formulas() -> None:
    assert SETTINGS["client"]["disableDataExport"] is True


def test_charts_and_page_use_one_palette() -> None:
    assert tuple(SETTINGS["theme"]["chartCategoricalColors"]) == SERIES
    for theme in ("light", "dark"):
        for scale in ("chartSequentialColors", "chartDivergingColors"):
            assert len(set(SETTINGS["theme"][theme][scale])) == 10


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_text_reads_on_every_ground_of_both_themes() -> None:
    for theme in ("light", "dark"):
        colours = SETTINGS["theme"][theme]
        grounds = [
            colours["backgroundColor"],
            colours["secondaryBackgroundColor"],
            *(colours["sidebar"][k] for k in ("backgroundColor", "secondaryBackgroundColor")),
        ]
        for ground in grounds:
            assert contrast(colours["textColor"], ground) >= 7
            assert contrast(colours["linkColor"], ground) >= 4.5
            assert contrast(colours["primaryColor"], ground) >= 4.5
        for colour in SERIES:
            assert contrast(colour, colours["backgroundColor"]) >= 3


def test_each_reader_gets_a_remedy_in_their_own_words() -> None:
    import _ui

    from workbench.cli.saying import on_the_command_line

    name = message("Check them; name others ", by("mapping", {"FIELD": "COLUMN"}), ".")
    assert name.say(_ui.on_pages) == "Check them; name others in the column mapping on the Start page."
    assert name.say(on_the_command_line) == "Check them; name others with --map FIELD=COLUMN."
    assert str(name) == "Check them; name others with mapping={'FIELD': 'COLUMN'}."
    odd = message(quoted("format", value="odd"), ": there is no such format.")
    assert odd.say(_ui.on_pages) == "odd: there is no such format."
    assert odd.say(on_the_command_line) == "--format odd: there is no such format."


def test_every_choice_has_words_for_every_reader() -> None:
    """What the library names in its sources, the command line and the pages can say."""
    import re

    import _words

    from workbench.cli.saying import OPTIONS

    sources = "".join(p.read_text("utf-8") for p in (ROOT / "workbench").rglob("*.py") if p.name != "messages.py")
    placed = set(re.findall(r'(?<![.\w])(?:by|example)\(\s*"(\w+)"', sources))
    named = set(re.findall(r'\b(?:name_of|quoted)\(\s*"(\w+)"', sources))
    assert {"mapping", "spelling", "keep_identical"} <= placed
    assert placed | named <= OPTIONS.keys()
    assert placed <= _words.PLACES.keys()


def test_safe_text_shows_as_itself() -> None:
    import _ui

    assert _ui.safe("plain words 12") == "plain words 12"
    assert _ui.safe("![x](y)") == r"\!\[x\]\(y\)"
    assert ":\u2060" in _ui.safe("a:red[b]")
    for name in ("batch:07", "team:red", "x@y", "10:30", "run:a b"):
        assert "\u2060" not in _ui.safe(name), "nothing that cannot be seen is copied with an id"
    assert "\n" not in _ui.safe("a\n\n# b")


def test_file_names_say_what_is_in_them() -> None:
    import _ui

    assert (
        _ui.file_stem("agreement", level="ordinal", empty=None, path="a/b <x>") == "agreement_level-ordinal_path-a-b-x"
    )
