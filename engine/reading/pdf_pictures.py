"""What a person drew on a page, as a small picture cut out of it: ink, lines, frames, and the image on a stamp."""

from __future__ import annotations

import math
from io import BytesIO

import pikepdf
from PIL import Image, ImageDraw

_SCALE = 2
_MARGIN = 4
_LARGEST = 800
_POINTS = 20_000

_TROUBLE = (ArithmeticError, AttributeError, LookupError, NotImplementedError, OSError, TypeError, ValueError)

_Stroke = list[tuple[float, float]]


def drawn(annotation: pikepdf.Object) -> bytes | None:
    """A drawing as PNG, two dots to a point, black on white; None where there is nothing that can be drawn."""
    image = _stamped(annotation) if annotation.get("/Subtype") == "/Stamp" else _sketched(_strokes(annotation))
    if image is None:
        return None
    image.thumbnail((_LARGEST, _LARGEST))
    png = BytesIO()
    image.save(png, "PNG")
    return png.getvalue()


def _strokes(annotation: pikepdf.Object) -> list[_Stroke]:
    kind = str(annotation.get("/Subtype"))
    if kind == "/Ink":
        paths = annotation.get("/InkList")
        found = [_points(path) for path in paths] if isinstance(paths, pikepdf.Array) else []
        return [stroke for stroke in found if stroke]
    if kind in ("/Square", "/Circle"):
        return _framed(_numbers(annotation.get("/Rect")), kind == "/Circle")
    stroke = _points(annotation.get("/L" if kind == "/Line" else "/Vertices"))
    return [stroke + stroke[:1] if kind == "/Polygon" else stroke] if stroke else []


def _numbers(values: object) -> list[float]:
    """The numbers of an array; none of them when one is no number, or is beyond any page."""
    if not isinstance(values, pikepdf.Array) or len(values) > _POINTS:
        return []
    try:
        numbers = [float(value) for value in values]
    except (TypeError, ValueError):
        return []
    return numbers if all(math.isfinite(n) and abs(n) < 20_000 for n in numbers) else []


def _points(values: object) -> _Stroke:
    numbers = _numbers(values)
    return list(zip(numbers[::2], numbers[1::2], strict=False))


def _framed(edges: list[float], round_: bool) -> list[_Stroke]:
    if len(edges) != 4:
        return []
    left, bottom, right, top = edges
    if not round_:
        return [[(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]]
    across, down = (right - left) / 2, (top - bottom) / 2
    turns = [math.tau * step / 48 for step in range(49)]
    return [[(left + across * (1 + math.cos(t)), bottom + down * (1 + math.sin(t))) for t in turns]]


def _sketched(strokes: list[_Stroke]) -> Image.Image | None:
    points = [point for stroke in strokes for point in stroke]
    if not points:
        return None
    left, top = min(x for x, _ in points) - _MARGIN, max(y for _, y in points) + _MARGIN
    width = max(x for x, _ in points) + _MARGIN - left
    height = top - min(y for _, y in points) + _MARGIN
    scale = min(_SCALE, _LARGEST / width, _LARGEST / height)
    image = Image.new("L", (max(round(width * scale), 1), max(round(height * scale), 1)), 255)
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        line = [((x - left) * scale, (top - y) * scale) for x, y in stroke]
        pen.line(line if len(line) > 1 else line * 2, fill=0, width=3, joint="curve")
    return image


def _stamped(stamp: pikepdf.Object) -> Image.Image | None:
    """The largest image that a stamp shows: signatures and seals are put on so."""
    found: list[pikepdf.Stream] = []
    _images(_appearance(stamp), found, 0)
    sizes = [(int(image.get("/Width", 0)) * int(image.get("/Height", 0)), image) for image in found]
    sizes = [(size, image) for size, image in sizes if 0 < size <= 16_000_000]
    if not sizes:
        return None
    try:
        shown = pikepdf.PdfImage(max(sizes, key=lambda pair: pair[0])[1]).as_pil_image()
        return shown.convert("RGB")
    except (pikepdf.PdfError, Image.DecompressionBombError, *_TROUBLE):
        # A picture in a form that cannot be unpacked is still a remark, without its picture.
        return None


def _appearance(annotation: pikepdf.Object) -> object:
    states = annotation.get("/AP")
    return states.get("/N") if isinstance(states, pikepdf.Dictionary) else None


def _images(drawing: object, found: list[pikepdf.Stream], depth: int) -> None:
    if not isinstance(drawing, pikepdf.Stream) or depth > 5 or len(found) > 20:
        return
    if drawing.get("/Subtype") == "/Image":
        found.append(drawing)
        return
    resources = drawing.get("/Resources")
    inner = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
    if isinstance(inner, pikepdf.Dictionary):
        for key in list(inner.keys())[:20]:
            _images(inner.get(key), found, depth + 1)
