"""Who may include whom: the import table of the architecture, as data.

A layer is a folder; the longest matching folder decides. What `may` does not list is refused, and
`never` wins over `may`. A trailing dot in a wrapper's path stands for "this file stem".
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    folder: str
    may: tuple[str, ...]
    never: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    std: str = "any"  # "portable": the C and C++ standard libraries without POSIX


RUNTIME_BELOW = ("sdk/include", "sdk/base", "sdk/artifact")

LAYERS = (
    Layer("sdk/include", may=("sdk/include",), std="portable"),
    Layer("sdk/base", may=("sdk/base", "sdk/include")),
    Layer("sdk/artifact", may=RUNTIME_BELOW + ("sdk/schema",), packages=("flatbuffers",)),
    Layer("sdk/src", may=RUNTIME_BELOW + ("sdk/src",), packages=("boost", "dlpack")),
    Layer("plugins/reference", may=("sdk/include", "plugins/reference")),
    Layer("plugins/cpu", may=("sdk/include", "plugins/cpu"), packages=("dnnl",)),
    Layer("plugins/rdu", may=("sdk/include", "plugins/rdu", "drivers/include")),
    Layer("plugins/remote", may=("sdk/include", "plugins/remote"), packages=("zmq", "flatbuffers", "sodium")),
    Layer("plugins/remote/node", may=("sdk/include", "plugins/remote/node", "plugins/remote/wire"), packages=("cli11",)),
    Layer("drivers/include", may=("drivers/include",), std="portable"),
    Layer("drivers", may=("drivers",)),
    Layer("drivers/arch", may=("drivers",), packages=("json",)),
    Layer("drivers/emu/sim", may=("drivers/emu/sim",)),
    Layer(
        "tools",
        may=RUNTIME_BELOW + ("tools",),
        packages=("onnx", "cli11", "spdlog", "fmt", "json", "zlib"),
    ),
    Layer(
        "tools/rdu/chip",
        may=RUNTIME_BELOW + ("tools/rdu", "tools/rducc/include", "drivers/include"),
        packages=("json",),
    ),
    Layer(
        "tools/rducc/target/rdu",
        may=RUNTIME_BELOW
        + ("tools/rducc", "drivers/include", "drivers/arch", "drivers/image"),
        packages=("spdlog", "fmt", "json"),
    ),
    *(
        Layer(
            f"tools/rducc/{middle}",
            may=RUNTIME_BELOW + ("tools/rducc",),
            never=("tools/rducc/target", "tools/rducc/import"),
            packages=("spdlog", "fmt"),
        )
        for middle in ("ir", "analysis", "passes")
    ),
    Layer("samples", may=("sdk/include", "tools/rducc/include", "samples")),
    Layer(
        "tests",
        may=("sdk", "plugins", "drivers", "tools", "samples", "tests"),
        packages=tuple(
            "boost catch2 benchmark onnx cli11 spdlog fmt json dlpack dnnl zmq sodium zlib flatbuffers".split()
        ),
    ),
)

# A package's headers (by the path that #include names) and the namespace that its types live in.
PACKAGES = {
    "boost": (("boost/",), "boost"),
    "dnnl": (("dnnl", "oneapi/dnnl/"), "dnnl"),
    "omp": (("omp.h",), None),
    "zmq": (("zmq",), "zmq"),
    "sodium": (("sodium",), None),
    "onnx": (("onnx/", "google/protobuf/"), "onnx"),
    "flatbuffers": (("flatbuffers/",), "flatbuffers"),
    "dlpack": (("dlpack/",), None),
    "cli11": (("CLI/",), "CLI"),
    "spdlog": (("spdlog/",), "spdlog"),
    "fmt": (("fmt/",), "fmt"),
    "json": (("nlohmann/",), "nlohmann"),
    "zlib": (("zlib.h",), None),
    "catch2": (("catch2/",), "Catch"),
    "benchmark": (("benchmark/",), "benchmark"),
}

# Packages that one place wraps: neither the header nor a type may appear anywhere else. Tests may.
WRAPPERS = {
    "dnnl": ("plugins/cpu/contract/dnnl/",),
    "omp": ("plugins/cpu/contract/dnnl/",),
    "zmq": ("plugins/remote/wire/",),
    "sodium": ("plugins/remote/wire/",),
    "onnx": ("tools/rducc/import/onnx/",),
    "flatbuffers": ("sdk/artifact/", "plugins/remote/wire/"),
    "boost": ("sdk/src/plugin/",),
    "zlib": ("tools/rdu/io/",),
}

# Headers generated from a schema, each seen by the one library that owns the format, and by the test that forges files.
GENERATED_SEEN_BY = ("sdk/artifact/", "tests/sdk/artifact/", "plugins/remote/wire/")

# Where <…> and "…" are looked up beside the repository's root.
INCLUDE_DIRS = ("sdk/include", "drivers/include", "tools/rducc/include")
