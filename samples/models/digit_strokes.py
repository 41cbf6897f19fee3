"""Draws digits as pen strokes: the data that the sample model is trained and tested on.

A glyph is a list of strokes through control points in the unit square (y downwards). Every picture moves the control
points a little, bends, slants, scales and tilts the glyph, then paints it with a pen of random width, ink, softness and
paper noise: white on black, 28x28 pixels, 8 bits.
"""

import numpy as np

SIZE = 28


def curve(*points):
    """A smooth stroke: a Catmull-Rom spline through the points."""
    return ("curve", points)


def lines(*points):
    """A stroke of straight segments with sharp corners."""
    return ("lines", points)


# Several ways of writing each digit, as people have.
GLYPHS = {
    0: [
        [curve((.5, 0), (.18, .2), (.1, .55), (.25, .92), (.55, 1), (.85, .78), (.9, .4), (.75, .08), (.5, 0))],
        [curve((.55, 0), (.25, .12), (.18, .5), (.28, .88), (.5, 1), (.74, .85), (.82, .5), (.75, .14), (.48, .02))],
    ],
    1: [
        [lines((.5, 0), (.5, 1))],
        [lines((.25, .24), (.52, 0), (.52, 1))],
        [lines((.25, .22), (.52, 0), (.52, 1)), lines((.22, 1), (.82, 1))],
    ],
    2: [
        [curve((.14, .26), (.28, .05), (.58, 0), (.82, .2), (.7, .5), (.4, .76), (.1, 1)), lines((.1, 1), (.92, .98))],
        [curve((.14, .22), (.4, 0), (.74, .1), (.76, .42), (.5, .72), (.22, .95), (.1, .84), (.3, .78), (.58, .96), (.92, .9))],
    ],
    3: [
        [curve((.14, .14), (.42, 0), (.78, .16), (.66, .4), (.38, .48)),
         curve((.38, .48), (.74, .54), (.86, .78), (.52, 1), (.1, .86))],
        [lines((.14, .02), (.8, .02), (.44, .4)), curve((.44, .4), (.8, .52), (.84, .82), (.48, 1), (.1, .88))],
    ],
    4: [
        [lines((.66, 1), (.66, 0), (.08, .68), (.94, .68))],
        [lines((.24, 0), (.14, .54), (.9, .54)), lines((.74, .08), (.7, 1))],
    ],
    5: [
        [lines((.86, .02), (.26, 0), (.2, .44)), curve((.2, .44), (.54, .36), (.86, .6), (.68, .94), (.36, 1), (.08, .86))],
        [curve((.24, .04), (.22, .24), (.2, .46)), lines((.22, .04), (.9, 0)),
         curve((.2, .46), (.6, .42), (.82, .7), (.56, .97), (.12, .94))],
    ],
    6: [
        [curve((.76, .02), (.42, .22), (.16, .58), (.22, .9), (.52, 1), (.84, .82), (.74, .54), (.44, .5), (.18, .7))],
        [curve((.5, 0), (.26, .3), (.16, .7), (.36, .98), (.68, .96), (.8, .72), (.58, .54), (.2, .72))],
    ],
    7: [
        [lines((.08, .02), (.9, 0), (.4, 1))],
        [lines((.08, .04), (.9, 0), (.44, 1)), lines((.3, .5), (.84, .48))],
        [curve((.08, .08), (.4, .03), (.9, .02)), curve((.9, .02), (.6, .44), (.48, 1))],
    ],
    8: [
        [curve((.76, .14), (.5, 0), (.22, .2), (.48, .45), (.82, .74), (.52, 1), (.16, .78), (.5, .46), (.8, .22), (.68, .05))],
        [curve((.5, 0), (.22, .22), (.5, .46), (.78, .22), (.5, 0)), curve((.5, .46), (.14, .72), (.5, 1), (.86, .72), (.5, .46))],
    ],
    9: [
        [curve((.8, .18), (.5, 0), (.18, .2), (.28, .48), (.6, .48), (.8, .18)), curve((.8, .18), (.8, .55), (.7, 1))],
        [curve((.82, .12), (.46, 0), (.16, .24), (.34, .5), (.66, .42), (.82, .12)),
         curve((.82, .12), (.84, .6), (.62, .96), (.2, .92))],
    ],
}


def _spline(points, steps=6):
    """points [n, k, 2] -> a polyline [n, (k-1)*steps+1, 2] through them."""
    first, last = 2 * points[:, :1] - points[:, 1:2], 2 * points[:, -1:] - points[:, -2:-1]
    p = np.concatenate([first, points, last], axis=1)
    t = (np.arange(steps) / steps)[None, None, :, None]
    a, b, c, d = (p[:, i:p.shape[1] - 3 + i, None] for i in range(4))
    bent = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return np.concatenate([bent.reshape(len(points), -1, 2), points[:, -1:]], axis=1)


def _distort(xy, n, rng):
    """Puts the unit square onto the page: bend, shear, turn, scale, tilt, shift. xy [n, k, 2] -> pixels."""
    def column(low, high):
        return rng.uniform(low, high, (n, 1))

    x, y = xy[..., 0] - 0.5, xy[..., 1] - 0.5
    x = x + column(-.05, .05) * np.sin(np.pi * y * column(.8, 2) + column(0, 6.28))
    y = y + column(-.04, .04) * np.sin(np.pi * x * column(.8, 2) + column(0, 6.28))
    x = (x - column(-.1, .3) * y) * column(.6, 1.0)
    angle = np.deg2rad(column(-14, 14))
    x, y = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
    tilt = 1 + column(-.25, .25) * x + column(-.25, .25) * y
    scale = column(15, 22)
    middle = (SIZE - 1) / 2
    return np.stack([x / tilt * scale + middle + column(-2, 2), y / tilt * scale + middle + column(-2, 2)], axis=-1)


def _distance(starts, ends):
    """Distance of every pixel centre to the nearest of the segments: [n, s, 2] twice -> [n, SIZE*SIZE]."""
    grid = np.stack(np.meshgrid(np.arange(SIZE), np.arange(SIZE)), axis=-1).reshape(1, -1, 2).astype(np.float32)
    nearest = np.full((len(starts), SIZE * SIZE), np.inf, np.float32)
    for s in range(starts.shape[1]):
        start, step = starts[:, s, None].astype(np.float32), (ends - starts)[:, s, None].astype(np.float32)
        along = ((grid - start) * step).sum(-1) / np.maximum((step * step).sum(-1), 1e-6)
        gap = grid - start - np.clip(along, 0, 1)[..., None] * step
        np.minimum(nearest, (gap * gap).sum(-1), out=nearest)
    return np.sqrt(nearest)


def _draw(glyph, n, rng):
    """n pictures of one glyph, uint8 [n, SIZE, SIZE]."""
    strokes = []
    for kind, points in glyph:
        moved = np.array(points)[None] + rng.normal(0, .025, (n, len(points), 2))
        strokes.append(_spline(moved) if kind == "curve" else moved)
    page = _distort(np.concatenate(strokes, axis=1), n, rng)
    pieces = np.split(page, np.cumsum([s.shape[1] for s in strokes])[:-1], axis=1)
    starts = np.concatenate([piece[:, :-1] for piece in pieces], axis=1)
    ends = np.concatenate([piece[:, 1:] for piece in pieces], axis=1)

    radius, softness = rng.uniform(.7, 1.8, (n, 1)), rng.uniform(.4, 1.1, (n, 1))
    ink = np.clip(.5 + (radius - _distance(starts, ends)) / (2 * softness), 0, 1) * rng.uniform(.7, 1, (n, 1))
    noise = rng.normal(0, 1, ink.shape) * rng.uniform(0, .06, (n, 1))
    return (np.clip(ink + noise, 0, 1) * 255).round().astype(np.uint8).reshape(n, SIZE, SIZE)


def make_digits(count, seed):
    """count pictures [count, 1, SIZE, SIZE] uint8 and their labels, in random order; the same for the same seed."""
    rng = np.random.default_rng(seed)
    forms = [(digit, glyph) for digit, glyphs in GLYPHS.items() for glyph in glyphs]
    digits = rng.integers(0, 10, count)
    choice = rng.random(count)
    form_of = np.empty(count, np.int64)
    for digit in GLYPHS:
        mine = [i for i, form in enumerate(forms) if form[0] == digit]
        where = digits == digit
        form_of[where] = np.array(mine)[(choice[where] * len(mine)).astype(np.int64)]
    pictures = np.empty((count, 1, SIZE, SIZE), np.uint8)
    for i, (_, glyph) in enumerate(forms):
        where = np.flatnonzero(form_of == i)
        pictures[where, 0] = _draw(glyph, len(where), rng)
    return pictures, digits
