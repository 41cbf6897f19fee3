"""Reads C and C++ sources: the lines they include, and which packages' namespaces they name."""

import re
from dataclasses import dataclass
from pathlib import Path

import rules

SUFFIXES = {".h", ".hpp", ".c", ".cpp", ".inc", ".def"}
ROOTS = ("sdk", "plugins", "drivers", "tools", "samples", "tests")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
STRING = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])+\'')
# A comment, or a string that a comment's opening might hide in.
COMMENT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)

C_STANDARD = set(
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign"
    " stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time"
    " uchar wchar wctype".split()
)

POSIX = set(
    "cpuid dirent dlfcn fcntl immintrin malloc pthread poll sched spawn strings termios unistd"
    " x86intrin cxxabi glob link".split()
)


@dataclass(frozen=True)
class Include:
    line: int
    path: str  # as written
    target: str | None  # repository path, where it resolves to one
    quoted: bool


def sources(root: Path):
    """Every source file of the project, as sorted repository paths."""
    for top in ROOTS:
        for path in sorted((root / top).rglob("*")):
            if path.suffix in SUFFIXES and path.is_file():
                yield path.relative_to(root).as_posix()


def without_comments(text: str) -> str:
    def blank(match: re.Match) -> str:
        return match[0] if match[0][0] == '"' else "\n" * match[0].count("\n") or " "

    return COMMENT.sub(blank, text)


def includes(root: Path, file: str, text: str) -> list[Include]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        match = INCLUDE.match(line)
        if match:
            quoted = match[1] == '"'
            found.append(Include(number, match[2], resolve(root, file, match[2]), quoted))
    return found


def resolve(root: Path, file: str, path: str) -> str | None:
    """The repository path that an include names, or None when it is not ours."""
    folder = Path(file).parent.as_posix()
    for base in (".", folder, *rules.INCLUDE_DIRS):
        candidate = (root / base / path).resolve()
        if candidate.is_file() and candidate.is_relative_to(root):
            return candidate.relative_to(root).as_posix()
    return None


def package_of(path: str) -> str | None:
    for name, (prefixes, _) in rules.PACKAGES.items():
        if path.startswith(prefixes):
            return name
    return None


def is_standard(path: str) -> bool:
    stem, dot, suffix = path.partition(".")
    return "/" not in path and (not dot or (suffix == "h" and stem in C_STANDARD))


def is_system(path: str) -> bool:
    """A header of the operating system or the compiler."""
    stem, _, suffix = path.partition(".")
    return path.startswith(("sys/", "linux/", "netinet/", "arpa/")) or (suffix == "h" and stem in POSIX)


def is_cpp_header(path: str) -> bool:
    return "." not in path


def namespaces(text: str):
    """(line, package, name) for each use of a wrapped package's namespace in code."""
    wrapped = {rules.PACKAGES[p][1]: p for p in rules.WRAPPERS if rules.PACKAGES[p][1]}
    pattern = re.compile(r"(?<![\w:])(?:::)?(" + "|".join(wrapped) + r")::")
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("#"):
            continue
        for match in pattern.finditer(STRING.sub('""', line)):
            yield number, wrapped[match[1]], match[1]
