"""What notebooks show."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._network import Network, Why

WIDTH, HEIGHT, LEFT, TOP = 360, 160, 40, 12
KEYS = (("error", "#b45309"), ("accuracy", "#2563eb"), ("validation", "#15803d"))


def _line(values: list, color: str, count: int) -> str:
    points = []
    for i, value in enumerate(values):
        if value is not None:
            x = LEFT + (WIDTH - LEFT - 8) * (i / max(1, count - 1))
            points.append(f"{x:.1f},{TOP + (HEIGHT - TOP - 20) * (1 - min(1, max(0, value))):.1f}")
    if not points:
        return ""
    return f'<polyline fill="none" stroke="{color}" stroke-width="2" points="{" ".join(points)}"/>'


def curves(history: list[dict[str, Any]]) -> str:
    """The curves of a training as SVG: error, accuracy and validation by epochs."""
    if not history:
        return ""
    lines = "".join(_line([e[key] for e in history], color, len(history)) for key, color in KEYS)
    axes = "".join(
        f'<line x1="{LEFT}" x2="{WIDTH - 8}" y1="{y:.1f}" y2="{y:.1f}" stroke="#8884"/>'
        f'<text x="{LEFT - 4}" y="{y + 4:.1f}" text-anchor="end" font-size="11" fill="currentColor">{share}</text>'
        for share, y in ((s, TOP + (HEIGHT - TOP - 20) * (1 - s)) for s in (0, 0.5, 1))
    )
    key = "".join(
        f'<text x="{LEFT + 90 * i}" y="{HEIGHT - 4}" font-size="11" fill="{color}">{name}</text>'
        for i, (name, color) in enumerate(KEYS)
        if any(e[name] is not None for e in history)
    )
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img">{axes}{lines}{key}</svg>'


def network(net: Network) -> str:
    """The picture of the network, and the curves of its training."""
    last = net.history[-1] if net.trained and net.history else None
    state = "not trained"
    if net.trained:
        shown = [f"{k} {last[k]:.4f}" for k, _ in KEYS if last and last[k] is not None]
        state = "trained" + (": " + ", ".join(shown) if shown else "")
    drawn = curves(net.history) if net.trained else ""
    return (
        f"<div><b>{escape(net.name)}</b>, {escape(state)}</div>"
        f'<div style="display:flex;flex-wrap:wrap;gap:1em;align-items:flex-start">{net.graph()}{drawn}</div>'
    )


def why(told: Why) -> str:
    """What added most, and over images a picture: red added, blue took away."""
    rows = "".join(f"<tr><td>{escape(name)}</td><td>{value:+.4f}</td></tr>" for name, value in told.top())
    table = f"<table><tr><th>value</th><th>added</th></tr>{rows}</table>"
    head = f"<div>class {told.label}: drive {told.drive:.4f}, thresholds {told.thresholds:+.4f}</div>"
    if told.adds.ndim < 2:
        return head + table
    adds = told.adds.sum(axis=2) if told.adds.ndim == 3 else told.adds
    most = float(abs(adds).max()) or 1.0
    cells = []
    for (row, column), value in ((i, float(adds[i])) for i in _places(adds.shape)):
        if value and math.isfinite(value):
            color = "#dc2626" if value > 0 else "#2563eb"
            cells.append(
                f'<rect x="{column}" y="{row}" width="1" height="1" fill="{color}" '
                f'fill-opacity="{abs(value) / most:.2f}"/>'
            )
    height, width = adds.shape
    picture = f'<svg viewBox="0 0 {width} {height}" width="168" style="background:#8882">{"".join(cells)}</svg>'
    return f'{head}<div style="display:flex;gap:1em">{picture}{table}</div>'


def _places(shape: tuple[int, ...]) -> list[tuple[int, int]]:
    return [(row, column) for row in range(shape[0]) for column in range(shape[1])]
