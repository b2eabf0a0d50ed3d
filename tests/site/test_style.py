"""The style sheet keeps its promises: contrast in both modes, nothing from elsewhere, nothing inline."""

import re
from pathlib import Path

import pytest

SITE = Path(__file__).parents[2] / "src" / "veta"
CSS = (SITE / "site" / "static" / "site" / "veta.css").read_text()
TEMPLATES = sorted(SITE.rglob("templates/**/*.html"))

# Text on background, by token; both modes.
TEXT = [
    ("ink", "paper"), ("ink", "surface"), ("ink", "raised"), ("ink-soft", "paper"), ("ink-soft", "surface"),
    ("ink-soft", "raised"), ("primary", "paper"), ("primary", "raised"), ("primary-strong", "surface"),
    ("on-primary", "primary"), ("on-primary", "primary-strong"), ("on-band", "band"), ("on-band-soft", "band"),
    ("ok-ink", "ok-bg"), ("wait-ink", "wait-bg"), ("stop-ink", "stop-bg"), ("note-ink", "note-bg"),
    ("plain-ink", "plain-bg"), ("stop-ink", "paper"), ("stop-ink", "raised"),
]  # fmt: skip
# Boundaries of controls and the focus ring: 3 to 1.
EDGES = [
    ("line-strong", "paper"),
    ("line-strong", "raised"),
    ("focus", "paper"),
    ("focus", "surface"),
    ("primary", "paper"),
]


def tokens(mode: str) -> dict[str, str]:
    light, _, rest = CSS.partition("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    if mode == "dark":
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", rest.split("@media print")[0]))
    return found


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_the_guideline_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("text", "background"), TEXT)
def test_text_contrasts(mode: str, text: str, background: str) -> None:
    palette = tokens(mode)
    assert contrast(palette[text], palette[background]) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("edge", "background"), EDGES)
def test_edges_contrast(mode: str, edge: str, background: str) -> None:
    palette = tokens(mode)
    assert contrast(palette[edge], palette[background]) >= 3


def test_the_style_sheet_asks_nobody_for_anything() -> None:
    assert "@import" not in CSS
    assert "url(" not in CSS


@pytest.mark.parametrize("path", TEMPLATES, ids=[str(path.relative_to(SITE)) for path in TEMPLATES])
def test_templates_hold_nothing_inline_and_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text()
    executable = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", text)
    assert executable == []
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", text) == []
    assert re.findall(r"(?:src|href|action)=\"(?:https?:)?//", text) == []
