"""A small convolutional network in numpy: forward, backward and Adam, in whatever float type its parameters have."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def _windows(x):
    """The 3x3 neighbourhoods of [n, c, h, w], zero outside: [n, c*9, h*w]."""
    n, c, h, w = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return sliding_window_view(padded, (h, w), axis=(2, 3)).reshape(n, c * 9, h * w)


def _windows_backward(columns, shape):
    n, c, h, w = shape
    columns = columns.reshape(n, c, 3, 3, h, w)
    padded = np.zeros((n, c, h + 2, w + 2), columns.dtype)
    for ky in range(3):
        for kx in range(3):
            padded[:, :, ky:ky + h, kx:kx + w] += columns[:, :, ky, kx]
    return padded[:, :, 1:-1, 1:-1]


class ConvReluPool:
    """3x3 convolution, same size; relu; 2x2 maximum."""

    def forward(self, x, weight, bias):
        n, _, h, w = x.shape
        self.shape, self.columns, self.weight = x.shape, _windows(x), weight.reshape(len(weight), -1)
        y = np.maximum((self.weight @ self.columns).reshape(n, -1, h, w) + bias[:, None, None], 0)
        self.blocks = y.reshape(n, -1, h // 2, 2, w // 2, 2)
        self.top = self.blocks.max((3, 5), keepdims=True)
        return self.top[:, :, :, 0, :, 0]

    def backward(self, grad):
        """-> gradients of x, weight and bias."""
        n, c, h, w = self.shape
        winner = (self.blocks == self.top) & (self.blocks > 0)
        share = winner / np.maximum(winner.sum((3, 5), keepdims=True), 1).astype(grad.dtype)
        grad = (share * grad[:, :, :, None, :, None]).reshape(n, -1, h * w)
        weight = (grad @ self.columns.transpose(0, 2, 1)).sum(0).reshape(-1, c, 3, 3)
        return _windows_backward(self.weight.T @ grad, self.shape), weight, grad.sum((0, 2))


def softmax(logits):
    e = np.exp(logits - logits.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


class TinyCnn:
    """conv-relu-pool, conv-relu-pool, dense-relu, dense: [n, 1, 28, 28] -> ten logits."""

    SHAPES = {
        "conv1.weight": (8, 1, 3, 3), "conv1.bias": (8,),
        "conv2.weight": (16, 8, 3, 3), "conv2.bias": (16,),
        "dense1.weight": (48, 784), "dense1.bias": (48,),
        "dense2.weight": (10, 48), "dense2.bias": (10,),
    }

    def __init__(self, parameters):
        self.parameters = parameters
        self.conv1, self.conv2 = ConvReluPool(), ConvReluPool()

    @classmethod
    def random(cls, seed):
        rng = np.random.default_rng(seed)

        def draw(shape):
            fan_in = np.prod(shape[1:], dtype=int)
            return (rng.normal(0, np.sqrt(2 / fan_in), shape) if len(shape) > 1 else np.zeros(shape)).astype(np.float32)

        return cls({name: draw(shape) for name, shape in cls.SHAPES.items()})

    def logits(self, x):
        p = self.parameters
        x = self.conv1.forward(x, p["conv1.weight"], p["conv1.bias"])
        x = self.conv2.forward(x, p["conv2.weight"], p["conv2.bias"])
        self.flat = x.reshape(len(x), -1)
        self.hidden = np.maximum(self.flat @ p["dense1.weight"].T + p["dense1.bias"], 0)
        return self.hidden @ p["dense2.weight"].T + p["dense2.bias"]

    def probabilities(self, x):
        return softmax(self.logits(x))

    def gradients(self, x, labels):
        """-> mean cross-entropy and its gradient by parameter name."""
        p = self.parameters
        probabilities = self.probabilities(x)
        picked = probabilities[np.arange(len(x)), labels]
        grad = probabilities.copy()
        grad[np.arange(len(x)), labels] -= 1
        grad /= len(x)
        g = {"dense2.weight": grad.T @ self.hidden, "dense2.bias": grad.sum(0)}
        grad = (grad @ p["dense2.weight"]) * (self.hidden > 0)
        g["dense1.weight"], g["dense1.bias"] = grad.T @ self.flat, grad.sum(0)
        grad = (grad @ p["dense1.weight"]).reshape(len(x), 16, 7, 7)
        grad, g["conv2.weight"], g["conv2.bias"] = self.conv2.backward(grad)
        _, g["conv1.weight"], g["conv1.bias"] = self.conv1.backward(grad)
        return -np.log(np.maximum(picked, 1e-12)).mean(), g


class Adam:
    def __init__(self, parameters):
        self.step_count = 0
        self.moments = {name: (np.zeros_like(p), np.zeros_like(p)) for name, p in parameters.items()}

    def step(self, parameters, gradients, rate):
        self.step_count += 1
        for name, g in gradients.items():
            m, v = self.moments[name]
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            m_hat, v_hat = m / (1 - 0.9**self.step_count), v / (1 - 0.999**self.step_count)
            parameters[name] -= (rate * m_hat / (np.sqrt(v_hat) + 1e-8)).astype(np.float32)
