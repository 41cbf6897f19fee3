#!/usr/bin/env python3
"""Checks every #include and every third-party namespace of the project against rules.py.

Prints one line for each offence, as compilers do, and exits 1 when there is any.
"""

import sys
from pathlib import Path

import rules
import scan


def layer_of(file: str) -> rules.Layer | None:
    inside = [layer for layer in rules.LAYERS if file.startswith(layer.folder + "/")]
    return max(inside, key=lambda layer: len(layer.folder), default=None)


def below(path: str, folders) -> bool:
    return any(path == folder or path.startswith(folder + "/") for folder in folders)


def wrapped_elsewhere(file: str, package: str) -> str | None:
    """Where a package is wrapped, when this file is not the place."""
    places = rules.WRAPPERS.get(package)
    if not places or file.startswith("tests/") or file.startswith(places):
        return None
    return " or ".join(place.rstrip("./") for place in places)


def check_internal(layer: rules.Layer, include: scan.Include) -> str | None:
    if below(include.target, layer.never):
        return f"{layer.folder} never includes {include.target}"
    if not below(include.target, layer.may):
        return f"{layer.folder} may include only {', '.join(layer.may)}, not {include.target}"
    return None


def check_package(file: str, layer: rules.Layer, package: str) -> str | None:
    place = wrapped_elsewhere(file, package)
    if place:
        return f"{package} stays inside {place}"
    # omp has no layer of its own: it comes with the file that wraps oneDNN.
    if package not in layer.packages and package not in rules.WRAPPERS:
        return f"{layer.folder} does not use the package {package}"
    return None


def check_outside(file: str, layer: rules.Layer, include: scan.Include) -> str | None:
    package = scan.package_of(include.path)
    if package:
        return check_package(file, layer, package)
    if include.path.endswith("_generated.h"):
        if file.startswith(rules.GENERATED_SEEN_BY):
            return None
        return f"generated headers are seen by {' and '.join(rules.GENERATED_SEEN_BY)} alone"
    if include.quoted:
        return f'"{include.path}" is not a file of this repository'
    if not scan.is_standard(include.path):
        if layer.std == "portable":
            return f"{layer.folder} includes the C and C++ standard libraries only"
        if not scan.is_system(include.path):
            return "neither of this repository nor of a package in tests/layering/rules.py"
    if layer.std == "portable":
        if file.endswith(".h") and scan.is_cpp_header(include.path):
            return "a .h file is C11: no C++ header"
    return None


def check_include(file: str, layer: rules.Layer, include: scan.Include) -> str | None:
    if include.target:
        return check_internal(layer, include)
    return check_outside(file, layer, include)


def offences(root: Path):
    """Yields (file, line, sentence) for every broken rule below root."""
    for file in scan.sources(root):
        text = scan.without_comments((root / file).read_text(encoding="utf-8"))
        layer = layer_of(file)
        if layer is None:
            yield file, 1, "this folder has no layer in tests/layering/rules.py"
            continue
        for include in scan.includes(root, file, text):
            sentence = check_include(file, layer, include)
            if sentence:
                yield file, include.line, f"#include {include.path}: {sentence}"
        for line, package, name in scan.namespaces(text):
            place = wrapped_elsewhere(file, package)
            if place:
                yield file, line, f"{name}:: stays inside {place}"


def main() -> int:
    root = Path(sys.argv[1]).resolve()
    found = list(offences(root))
    for file, line, sentence in found:
        print(f"{file}:{line}: {sentence}")
    count = sum(1 for _ in scan.sources(root))
    print(f"layering: {count} files, {len(found)} offences")
    return 1 if found or not count else 0


if __name__ == "__main__":
    sys.exit(main())
