"""Photographs of a printed certificate as a telephone takes them: a pinhole camera over the PDF's own page.

The PDF is drawn by PDFium at 600 dpi and printed in black and white with some spread of the ink. The camera is one of
8 megapixels with the usual angle (67°), held over the code: turned, tilted, out of focus, moved, in uneven light, with
the sensor's noise and JPEG's losses.
"""

from __future__ import annotations

import io
import math
import random
from dataclasses import dataclass
from functools import lru_cache

import pypdfium2
import zxingcpp
from PIL import Image, ImageChops, ImageFilter

DPI = 600
WIDE, HIGH = 3264, 2448
FOCAL = WIDE / 2 / math.tan(math.radians(67 / 2))  # in pixels of the sensor
INK, PAPER, TABLE = 35, 232, 120
Matrix = tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Print:
    """A printed page in pixels of 600 dpi, and its code: the centre, how wide it is in centimetres, modules a side."""

    page: Image.Image
    centre: tuple[float, float]
    centimetres: float
    modules: int


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a photograph is taken. `distance`: lens to paper, cm; `turned`, `tilted`, `towards`: degrees in the plane,
    away from it, and to which side; `defocus`, `moved`: in modules of the code; `noise`: of 255; `darkest`: the light
    on the darker side, of the lighter; `quality`: of the JPEG."""

    distance: float = 14.0
    turned: float = 0.0
    tilted: float = 0.0
    towards: float = 0.0
    defocus: float = 0.15
    moved: float = 0.0
    noise: float = 4.0
    darkest: float = 0.8
    quality: int = 85


def printed(pdf: bytes) -> Print:
    """Page one of a PDF on paper, with the code that is on it."""
    drawn = pypdfium2.PdfDocument(pdf)[0].render(scale=DPI / 72, grayscale=True).to_pil().convert("L")
    page = drawn.point(lambda value: 0 if value < 128 else 255).filter(ImageFilter.MinFilter(3))
    found = zxingcpp.read_barcode(page)
    assert found is not None
    at = found.position
    corners = [at.top_left, at.top_right, at.bottom_right, at.bottom_left]
    side = math.dist((at.top_left.x, at.top_left.y), (at.top_right.x, at.top_right.y)) / DPI * 2.54
    centre = (sum(corner.x for corner in corners) / 4, sum(corner.y for corner in corners) / 4)
    inked = page.point(lambda value: INK if value == 0 else PAPER).filter(ImageFilter.GaussianBlur(1.0))
    return Print(inked, centre, side, 4 * int(found.extra.get("Version") or 15) + 17)


def photograph(paper: Print, view: View) -> bytes:
    """What the camera gives, as JPEG."""
    module = paper.centimetres / paper.modules / view.distance * FOCAL  # pixels of the sensor
    seen = paper.page.transform(
        (WIDE, HIGH), Image.Transform.PERSPECTIVE, _onto_paper(paper, view), Image.Resampling.BILINEAR, fillcolor=TABLE
    )
    if view.moved:
        steps = max(2, round(view.moved * module / 2))
        for step in range(1, steps):
            at = round(view.moved * module * step / steps)
            seen = Image.blend(seen, ImageChops.offset(seen, at, at // 3), 1 / (step + 1))
    seen = seen.filter(ImageFilter.GaussianBlur(max(0.4, view.defocus * module)))
    seen = ImageChops.multiply(seen, _light(view))
    seen = ImageChops.add(seen, _noise(round(view.noise)), 1, -128)
    out = io.BytesIO()
    seen.save(out, format="JPEG", quality=view.quality)
    return out.getvalue()


def any_view(chance: random.Random, *, blurred: float) -> View:
    """A photograph as people take them: the paper filling the screen or half of it, the telephone held by hand.

    `blurred`: the most that it may be out of focus, in modules of the code.
    """
    between = chance.uniform
    return View(
        distance=between(9, 18), turned=chance.choice((0, 90, 180, 270)) + between(-25, 25), tilted=between(0, 25),
        towards=between(0, 360), defocus=between(0.1, blurred), moved=chance.choice((0.0, between(0, 0.5))),
        noise=between(2, 12), darkest=between(0.45, 1), quality=round(between(62, 92)),
    )  # fmt: skip


def _onto_paper(paper: Print, view: View) -> tuple[float, ...]:
    """The eight numbers that lead from a pixel of the sensor to the pixel of the page it sees."""
    a, b, c = (math.radians(angle) for angle in (view.towards, view.tilted, view.turned - view.towards))
    turn = _times(_about_z(a), _times(_about_x(b), _about_z(c)))
    scale = 2.54 / DPI  # centimetres a pixel of the page
    x, y = paper.centre
    # A point of the page → the camera's axes, its centre `distance` before the lens.
    first, second = ([row[column] * scale for row in turn] for column in (0, 1))
    third = [-(f * x + s * y) for f, s in zip(first, second, strict=True)]
    third[2] += view.distance
    onto: Matrix = tuple(zip(first, second, third, strict=True))  # type: ignore[assignment]
    lens: Matrix = ((FOCAL, 0, WIDE / 2), (0, FOCAL, HIGH / 2), (0, 0, 1))
    back = _inverse(_times(lens, onto))
    flat = [value / back[2][2] for row in back for value in row]
    return tuple(flat[:8])


def _about_z(angle: float) -> Matrix:
    return ((math.cos(angle), -math.sin(angle), 0), (math.sin(angle), math.cos(angle), 0), (0, 0, 1))


def _about_x(angle: float) -> Matrix:
    return ((1, 0, 0), (0, math.cos(angle), -math.sin(angle)), (0, math.sin(angle), math.cos(angle)))


def _times(left: Matrix, right: Matrix) -> Matrix:
    return tuple(
        (sum(row[n] * right[n][0] for n in range(3)), sum(row[n] * right[n][1] for n in range(3)),
         sum(row[n] * right[n][2] for n in range(3)))
        for row in left
    )  # fmt: skip


def _inverse(of: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = of
    whole = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    rows = (
        (e * i - f * h, c * h - b * i, b * f - c * e), (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )  # fmt: skip
    return tuple((x / whole, y / whole, z / whole) for x, y, z in rows)


def _light(view: View) -> Image.Image:
    low = round(255 * view.darkest)
    slope = Image.linear_gradient("L").rotate(view.towards, resample=Image.Resampling.BILINEAR, fillcolor=128)
    return slope.resize((WIDE, HIGH)).point(lambda value: low + value * (255 - low) // 255)


@lru_cache(maxsize=16)
def _noise(sigma: int) -> Image.Image:
    return Image.effect_noise((WIDE, HIGH), max(1, sigma))
