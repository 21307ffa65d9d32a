"""Colours: enough contrast on both pages, and told apart without seeing red or green."""

from itertools import combinations

import numpy as np
import pytest

from workbench.figures import palette

WHITE, DARK = "#ffffff", "#11161d"

# Brettel, Vienot and Mollon's simplification for full dichromacy, on linear RGB (Vienot et al. 1999).
PROTAN = np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]])
DEUTAN = np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]])


def linear(colour: str) -> np.ndarray:
    srgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    light, dark = sorted((float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = (
        np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
        @ rgb
        / np.array([0.9505, 1.0, 1.089])
    )
    f = np.cbrt(np.clip(xyz, 1e-6, None))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("page", [WHITE, DARK])
@pytest.mark.parametrize("colour", palette.SERIES)
def test_each_colour_has_the_contrast_graphics_need(colour, page):
    assert contrast(colour, page) >= 3.0


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", WHITE) == pytest.approx(21.0)


@pytest.mark.parametrize("sight", [np.eye(3), PROTAN, DEUTAN], ids=["full", "no red", "no green"])
@pytest.mark.parametrize(("one", "other"), list(combinations((palette.BLUE, palette.VERMILLION, palette.GREY), 2)))
def test_a_tie_and_b_are_told_apart_by_everyone(one, other, sight):
    apart = np.linalg.norm(lab(sight @ linear(one)) - lab(sight @ linear(other)))
    assert apart > 20  # about nine times a just noticeable difference


@pytest.mark.parametrize("labels", [2, 3, 4, 5, 6, 7])
def test_diverging_scale_mirrors_and_is_grey_in_the_middle_only_when_odd(labels):
    colours = palette.diverging(labels)
    assert len(colours) == labels
    assert len(set(colours)) == labels
    alphas = [float(c.rstrip(")").split(",")[3]) for c in colours]
    assert alphas == alphas[::-1]
    grey = palette.see_through(palette.GREY, 0.75)
    assert (grey in colours) == (labels % 2 == 1)


def test_colour_scale_has_no_negative_part_where_nothing_is_negative():
    assert palette.around_zero(0.0, 1.0)[0][0] == 0.0
    assert "213,94,0" not in str(palette.around_zero(0.0, 1.0))
    assert "213,94,0" in str(palette.around_zero(-0.5, 1.0))


def test_markup_in_an_id_is_text_and_long_ids_are_cut():
    assert palette.plain('<img src=x onerror="a()">') == '&lt;img src=x onerror="a()"&gt;'
    assert palette.plain("a\nb") == "a b"
    assert len(palette.plain("x" * 500, 24)) == 24
