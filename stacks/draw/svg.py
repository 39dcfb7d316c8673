"""A layout as SVG: no scripts, nothing loaded from elsewhere, light and dark, told to those who do not see."""

from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from xml.sax.saxutils import escape, quoteattr

from stacks.draw.geometry import Frame, Layout, Path, Placed, Rect
from stacks.draw.grid import MARGIN
from stacks.draw.legend import Sample, legend
from stacks.draw.metrics import FONT, fitted
from stacks.draw.scene import Scene, Shape, State, Way
from stacks.draw.sizes import CAP, HEADING, PAD_X, SUBHEADING, TEXT, written

CORNER = 7.0
BEND = 6.0
HEAD_LONG, HEAD_WIDE = 8.0, 3.6
WORDS = {
    Way.TRAFFIC: "connects to",
    Way.WRITE: "writes to",
    Way.READ: "reads",
    Way.CONTROL: "has rights on",
}


def to_svg(scene: Scene, layout: Layout) -> str:
    """Return the drawing as a file."""
    samples, height = legend(scene, layout)
    body = [
        f'<rect class="paper" width="{number(layout.width)}" height="{number(height)}"/>',
        _text(MARGIN, 36, scene.title, HEADING, bold=True),
        _text(MARGIN, 58, scene.subtitle, SUBHEADING, soft=True),
        *(line for frame in layout.frames for line in _frame(frame)),
        *(line for path in layout.paths for line in _path(path)),
        *(line for placed in layout.boxes for line in _box(placed)),
        *(line for sample in samples for line in _sample(sample)),
    ]
    return "\n".join([*_start(scene, layout.width, height), *body, "</svg>", ""])


def number(value: float) -> str:
    """Return a coordinate, with one decimal where it needs one."""
    return f"{value:.1f}".removesuffix(".0")


def _start(scene: Scene, width: float, height: float) -> Iterator[str]:
    size = f'viewBox="0 0 {number(width)} {number(height)}" width="{number(width)}" height="{number(height)}"'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="science-platform-drawing" {size} role="img" '
        'aria-labelledby="drawing-title drawing-description">'
    )
    yield f'<title id="drawing-title">{escape(scene.title)}</title>'
    yield f'<desc id="drawing-description">{escape(description(scene))}</desc>'
    style = resources.files("stacks.draw").joinpath("style.css").read_text()
    yield f"<style>\n{style.replace('FONT', FONT)}</style>"


def description(scene: Scene) -> str:
    """Return what the drawing shows, in words."""
    names = {box.key: box.title for box in scene.boxes}
    parts = [f"{scene.subtitle}."]
    parts += [f"{box.title} is {box.state}." for box in scene.boxes if box.state != State.SAME]
    for link in scene.links:
        changed = "" if link.state == State.SAME else str(link.state)
        how = ", ".join(filter(None, [changed, *link.labels]))
        ends = f"{names[link.source]} {WORDS[link.way]} {names[link.target]}"
        parts.append(f"{ends} ({how})." if how else f"{ends}.")
    return " ".join(parts)


def _text(
    x: float, y: float, text: str, size: float, *, bold: bool = False, soft: bool = False, gone: bool = False
) -> str:
    names = " ".join(name for name, on in (("bold", bold), ("soft", soft), ("gone", gone)) if on)
    class_ = f' class="{names}"' if names else ""
    return f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}"{class_}>{escape(text)}</text>'


def _frame(frame: Frame) -> Iterator[str]:
    rect = frame.rect
    yield f'<rect class="frame {frame.kind}" {_rect(rect)} rx="10"/>'
    title = fitted(frame.title, TEXT, rect.width - 24, bold=True)
    yield _text(rect.x + 12, rect.y + 22, title, TEXT, bold=True, soft=True)


def _rect(rect: Rect) -> str:
    return f'x="{number(rect.x)}" y="{number(rect.y)}" width="{number(rect.width)}" height="{number(rect.height)}"'


def _box(placed: Placed) -> Iterator[str]:
    box, rect = placed.box, placed.rect
    yield f'<g class="{_classes(box.shape, box.state)}">'
    yield f"<title>{escape(' · '.join([box.title, *(line.text for line in box.lines), *box.notes]))}</title>"
    yield from _outline(box.shape, rect)
    for line in written(box, rect.width):
        at = rect.x + PAD_X, rect.y + line.baseline
        soft = not (line.title or line.strong)
        yield _text(*at, line.text, line.size, bold=line.title, soft=soft, gone=line.gone)
    yield "</g>"


def _classes(name: str, state: State) -> str:
    return name if state == State.SAME else f"{name} {state}"


def _outline(shape: Shape, rect: Rect) -> Iterator[str]:
    if shape in (Shape.VOLUME, Shape.DATABASE):
        yield _cylinder(rect)
        return
    radius = CORNER
    if shape in (Shape.NETWORK, Shape.PEOPLE):
        radius = 18.0
    if shape == Shape.RUNTIME:
        # More than one: everybody has pods of their own.
        behind = Rect(rect.x + 6, rect.y - 5, rect.width - 12, rect.height)
        yield f'<rect class="box" {_rect(behind)} rx="{number(radius)}"/>'
    yield f'<rect class="box" {_rect(rect)} rx="{number(radius)}"/>'


def _cylinder(rect: Rect) -> str:
    x, right, top, bottom = rect.x, rect.right, rect.y + CAP, rect.bottom - CAP
    arc = f"{number(rect.width / 2)} {number(CAP)} 0 0"
    return (
        f'<path class="box" d="M{number(x)} {number(top)}A{arc} 1 {number(right)} {number(top)}'
        f"V{number(bottom)}A{arc} 1 {number(x)} {number(bottom)}Z"
        f'M{number(x)} {number(top)}A{arc} 0 {number(right)} {number(top)}"/>'
    )


def _path(path: Path) -> Iterator[str]:
    link = path.link
    yield f'<g class="{_classes(link.way, link.state)}">'
    if link.labels:
        yield f"<title>{escape(', '.join(link.labels))}</title>"
    yield f'<path class="link" d="{_way(path.points)}"/>'
    yield _head(path.points[-2], path.points[-1])
    if link.both:
        yield _head(path.points[1], path.points[0])
    yield "</g>"


def _way(points: Sequence[tuple[float, float]]) -> str:
    """Return a path along points, its corners round."""
    parts = [f"M{_point(points[0])}"]
    for before, at, after in zip(points, points[1:], points[2:], strict=False):
        room = min(BEND, _length(before, at) / 2, _length(at, after) / 2)
        parts.append(
            f"L{_point(_towards(at, before, room))}Q{_point(at)} {_point(_towards(at, after, room))}"
        )
    parts.append(f"L{_point(points[-1])}")
    return "".join(parts)


def _point(point: tuple[float, float]) -> str:
    return f"{number(point[0])} {number(point[1])}"


def _length(one: tuple[float, float], two: tuple[float, float]) -> float:
    return abs(one[0] - two[0]) + abs(one[1] - two[1])


def _towards(start: tuple[float, float], end: tuple[float, float], distance: float) -> tuple[float, float]:
    length = _length(start, end) or 1.0
    share = distance / length
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _head(before: tuple[float, float], tip: tuple[float, float]) -> str:
    x, y = _towards(tip, before, HEAD_LONG)
    across, along = (0.0, HEAD_WIDE) if before[1] == tip[1] else (HEAD_WIDE, 0.0)
    corners = [tip, (x + across, y + along), (x - across, y - along)]
    return f'<path class="head" d="M{"L".join(map(_point, corners))}Z"/>'


def _sample(sample: Sample) -> Iterable[str]:
    yield f"<g class={quoteattr(sample.classes)}>"
    if sample.link:
        way = [(sample.x, sample.y), (sample.x + 30, sample.y)]
        yield f'<path class="link" d="{_way(way)}"/>'
        yield _head(*way)
    else:
        yield f'<rect class="{sample.mark}" {_rect(Rect(sample.x, sample.y - 8, 24, 16))} rx="4"/>'
    yield "</g>"
    yield _text(sample.x + 38, sample.y + 4, sample.text, TEXT, soft=True)
