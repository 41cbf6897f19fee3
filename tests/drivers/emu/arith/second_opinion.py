#!/usr/bin/env python3
"""The elementary functions again, written from the manual alone, coefficients read from its tables.

Prints second_opinion.txt: operation, operands, result, as hexadecimal words.
    second_opinion.py ../../../../drivers/emu/arith/README.md > second_opinion.txt
"""

import math
import random
import re
import struct
import sys

MANUAL = open(sys.argv[1], encoding="utf-8").read()
INF, NAN = math.inf, math.nan


def coefficients(name):
    block = re.search(rf"\n    {name}: [^\n]*\n(.*?)\n\n", MANUAL, re.S).group(1)
    return [float.fromhex(w) for w in block.split()]


def constant(name):
    return float.fromhex(re.search(rf"\| {name} \| `([^`]*)`", MANUAL).group(1))


P, A, SIN, COS, T, E = (coefficients(n) for n in ("P", "A", "SIN", "COS", "T", "E"))
LOG2E, LN2, TWO_OVER_PI = constant("LOG2E"), constant("LN2"), constant("TWO_OVER_PI")
PI = constant("PI, HALF_PI")
HALF_PI = PI / 2
HALF_PI_1, HALF_PI_2, HALF_PI_3 = (constant(f"HALF_PI_{i}") for i in (1, 2, 3))
DIGITS = int("".join(re.search(r"`(a2f9836e[^`]*)`", MANUAL).group(1).split()), 16)
BIG = float.fromhex("0x1.8p+52")


def polynomial(c, u):
    p = c[-1]
    for k in reversed(c[:-1]):
        p = p * u + k
    return p


def divide(a, b):
    if b != 0 or math.isnan(a):
        return a / b
    return NAN if a == 0 else math.copysign(INF, a) * math.copysign(1, b)


def root(x):
    return math.sqrt(x) if x >= 0 else NAN


def lim(x, low, high):
    return low if x < low else high if x > high else x


def power_of_e(x):
    s = x * LOG2E + BIG
    n = s - BIG
    r = x - n * LN2
    return math.ldexp(1.0, int(n)), r * polynomial(P, r)


def exp(x):
    scale, q = power_of_e(x)
    return scale * (q + 1)


def expm1(x):
    scale, q = power_of_e(x)
    return scale * q + (scale - 1)


def log_of(k, s):
    return k * LN2 + (s + s) * polynomial(A, s * s)


def log(x):
    if x == 0 or x == INF:
        return -INF if x == 0 else INF
    m, k = math.frexp(x)
    if m < float.fromhex("0x1.6a09e667f3bcdp-1"):
        m, k = m * 2, k - 1
    return log_of(float(k), (m - 1) / (m + 1))


def log1p(y):
    return log_of(0.0, y / (y + 2)) if y < 0.375 else log(1 + y)


def power(a, b):
    if b == 0 or a == 1:
        return 1.0
    if math.isnan(a) or math.isnan(b):
        return NAN
    integer = math.isinf(b) or b == math.floor(b)
    if -INF < a < 0 and not integer:
        return NAN
    x = 1.0 if abs(a) == 1 else exp(lim(b * log(abs(a)), -104.0, 89.0))
    odd = integer and not math.isinf(b) and int(b) % 2 == 1
    return -x if odd and math.copysign(1, a) < 0 else x


def angle(x):
    if abs(x) < 2**23:
        s = x * TWO_OVER_PI + BIG
        n = s - BIG
        return int(n), ((x - n * HALF_PI_1) - n * HALF_PI_2) - n * HALF_PI_3
    m, e = math.frexp(abs(x))
    m, e = int(m * 2**24), e - 24
    window = (DIGITS << e >> (224 - 94)) & (2**96 - 1)
    w = [window >> 64, (window >> 32) & 0xFFFFFFFF, window & 0xFFFFFFFF]
    t = ((m * w[0] << 32) + m * w[1] + (m * w[2] >> 32)) % 2**64
    n = (t + 2**61) >> 62
    f = 4 * t % 2**64
    r = float(f - 2**64 if f >= 2**63 else f) * (2.0**-64 * HALF_PI)
    return (-n, -r) if x < 0 else (n, r)


def sine(n, r):
    wave = polynomial(COS, r * r) if n % 2 else r * polynomial(SIN, r * r)
    return -wave if n % 4 > 1 else wave


def tangent(n, r):
    s, c = r * polynomial(SIN, r * r), polynomial(COS, r * r)
    return divide(-c, s) if n % 2 else divide(s, c)


def of_angle(f):
    return lambda a: NAN if math.isinf(a) else f(*angle(a))


def atan2(y, x):
    small, large = min(abs(x), abs(y)), max(abs(x), abs(y))
    q = 0.0 if large == 0 else 1.0 if small == large else small / large
    v = q * polynomial(T, q * q)
    if abs(y) > abs(x):
        v = HALF_PI - v
    if math.copysign(1, x) < 0:
        v = PI - v
    return math.copysign(v, y)


def of_magnitude(f):
    return lambda a: math.copysign(f(abs(a)), a)


def tanh(m):
    e = expm1(min(2 * m, 40.0))
    return e / (e + 2)


def sinh(m):
    e = expm1(min(m, 90.0))
    return 0.5 * (e + e / (e + 1))


def cosh(a):
    e = exp(min(abs(a), 90.0))
    return 0.5 * (e + 1 / e)


def acosh(a):
    t = a - 1
    return NAN if a < 1 else log1p(t + root(t * (t + 2)))


UNARY = {
    "rsqrt_f32": lambda a: divide(1.0, math.copysign(root(a), a) if a == 0 else root(a)),
    "exp_f32": lambda a: exp(lim(a, -104.0, 89.0)),
    "log_f32": lambda a: NAN if a < 0 else log(a),
    "sigmoid_f32": lambda a: 1 / (1 + exp(lim(-a, -104.0, 104.0))),
    "tanh_f32": of_magnitude(tanh),
    "sinh_f32": of_magnitude(sinh),
    "cosh_f32": cosh,
    "asinh_f32": of_magnitude(
        lambda m: m if m == INF else log1p(m + m * m / (1 + root(m * m + 1)))
    ),
    "acosh_f32": acosh,
    "atanh_f32": of_magnitude(
        lambda m: NAN if m > 1 else 0.5 * log1p(divide(m + m, 1 - m))
    ),
    "erf_f32": of_magnitude(
        lambda m: min(m, 4.0) * polynomial(E, min(m, 4.0) * min(m, 4.0) * 0.125 - 1)
    ),
    "sin_f32": of_angle(sine),
    "cos_f32": of_angle(lambda n, r: sine(n + 1, r)),
    "tan_f32": of_angle(tangent),
    "asin_f32": lambda a: NAN if abs(a) > 1 else atan2(a, root((1 - a) * (1 + a))),
    "acos_f32": lambda a: NAN if abs(a) > 1 else atan2(root((1 - a) * (1 + a)), a),
    "atan_f32": lambda a: atan2(a, 1.0),
}
BINARY = {"pow_f32": power, "atan2_f32": atan2}


def fp32(word):
    return struct.unpack("<f", struct.pack("<I", word))[0]


def word(x):
    if math.isnan(x):
        return 0x7FC00000
    try:
        return struct.unpack("<I", struct.pack("<f", x))[0]
    except OverflowError:  # rounds beyond the largest
        return 0xFF800000 if x < 0 else 0x7F800000


CORNERS = [0, 0x80000000, 1, 0x80000001, 0x007FFFFF, 0x3F800000, 0xBF800000, 0x7F800000]
CORNERS += [0xFF800000, 0x7F7FFFFF, 0xFF7FFFFF, 0x4B000000, 0xCB000001, 0x3F7FFFFF]


def random_word(rng):
    """Near 1 or anywhere."""
    w = rng.getrandbits(32)
    return w & 0x87FFFFFF | 0x38000000 if rng.random() < 0.7 else w


def from_tie(x):
    """How far x is from the middle between two fp32, in units of their distance."""
    if x == 0 or not math.isfinite(x):
        return 1.0
    scaled = abs(math.ldexp(x, 24 - max(math.frexp(x)[1], -125)))
    return abs(scaled - math.floor(scaled) - 0.5)


# Where the worst error over all operands was found: the result hangs on the last bits of binary64.
WORST = {
    "exp_f32": 0xBEA6154C,
    "log_f32": 0x1F116AB8,
    "sigmoid_f32": 0xC1E14A11,
    "tanh_f32": 0x3CEC00E6,
    "sinh_f32": 0x3D664558,
    "cosh_f32": 0x429675E7,
    "asinh_f32": 0x6EB1A8EC,
    "acosh_f32": 0x6EB1A8EC,
    "atanh_f32": 0x39B89BA2,
    "erf_f32": 0x40646FC6,
    "sin_f32": 0x577FDBF3,
    "cos_f32": 0x4207159B,
    "tan_f32": 0x48FE178E,
    "asin_f32": 0x3F32A153,
    "acos_f32": 0x3F2B0362,
    "rsqrt_f32": 0x013A18E3,
    "atan_f32": 0x3F83B6EE,
}


def operands(rng, f, arity):
    """Corners, random ones, and of many random ones those where a slip of the last binary64 bits shows."""
    corners = [(v,) + (w,) * (arity - 1) for v in CORNERS for w in CORNERS[:: 1 if arity == 2 else 99]]
    drawn = [tuple(random_word(rng) for _ in range(arity)) for _ in range(20000)]
    hardest = sorted(drawn, key=lambda words: from_tie(f(*words)))[:60]
    return corners + drawn[:60] + hardest


def on_words(f, passes_nan):
    """NaN operands give NaN, but where the function says otherwise."""

    def result(*words):
        values = [fp32(w) for w in words]
        return NAN if not passes_nan and any(map(math.isnan, values)) else f(*values)

    return result


def main():
    rng = random.Random(7)
    for functions, arity in ((UNARY, 1), (BINARY, 2)):
        for name, f in functions.items():
            g = on_words(f, name == "pow_f32")
            worst = [(WORST[name],)] if name in WORST else []
            for words in worst + operands(rng, g, arity):
                a, b = (words + (0,))[:2]
                print(f"{name} {a:08x} {b:08x} {word(g(*words)):08x}")


main()
