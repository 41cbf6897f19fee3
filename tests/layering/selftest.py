#!/usr/bin/env python3
"""Proves that the layering test can fail: each planted offence, and nothing else, is found."""

import sys
import tempfile
import unittest
from pathlib import Path

import layering

# Files that others include; they hold no offence themselves.
HEADERS = """
sdk/include/rdu/rdu.h sdk/base/result.hpp sdk/artifact/reader.hpp sdk/src/api/check.hpp plugins/cpu/plan.hpp
plugins/reference/eval.hpp drivers/include/rdu_hw/arch.h drivers/emu/units/pcu.hpp tools/rducc/ir/graph.hpp
tools/rducc/import/onnx/importer.hpp tools/rducc/target/graph/lower.hpp tools/rducc/include/rducc/rducc.h tests/support/temp_dir.hpp
""".split()

# (file, its line, part of the expected sentence)
OFFENCES = [
    ("sdk/include/rdu/run.h", "#include <vector>", "a .h file is C11"),
    ("sdk/include/rdu/run.hpp", "#include <unistd.h>", "standard libraries only"),
    ("sdk/include/rdu/run.hpp", '#include "sdk/base/result.hpp"', "may include only"),
    ("sdk/base/log.cpp", '#include "sdk/artifact/reader.hpp"', "may include only"),
    ("sdk/artifact/writer.cpp", '#include "sdk/src/api/check.hpp"', "may include only"),
    ("sdk/src/api/run.cpp", '#include "artifact_generated.h"', "generated headers"),
    ("sdk/src/api/run.cpp", "#include <flatbuffers/flatbuffers.h>", "stays inside sdk/artifact"),
    ("sdk/src/api/run.cpp", "#include <oneapi/dnnl/dnnl.hpp>", "stays inside plugins/cpu/contract/dnnl"),
    ("sdk/src/api/run.cpp", '#include "plugins/cpu/plan.hpp"', "may include only"),
    ("sdk/src/api/run.cpp", "#include <boost/dll.hpp>", "stays inside sdk/src/plugin"),
    ("sdk/src/api/run.cpp", "#include <spdlog/spdlog.h>", "does not use the package"),
    ("plugins/cpu/map.cpp", '#include "sdk/src/api/check.hpp"', "may include only"),
    ("plugins/cpu/map.cpp", '#include "sdk/artifact/reader.hpp"', "may include only"),
    ("plugins/cpu/map.cpp", '#include "plugins/reference/eval.hpp"', "may include only"),
    ("plugins/cpu/map.cpp", '#include "../reference/eval.hpp"', "may include only"),
    ("plugins/cpu/map.cpp", "#include <rdu_hw/arch.h>", "may include only"),
    ("plugins/cpu/map.cpp", "void f(dnnl::memory&);", "dnnl:: stays inside"),
    ("plugins/cpu/flow.cpp", "::dnnl::memory m;", "dnnl:: stays inside"),
    ("drivers/emu/chip.cpp", "#include <rdu/rdu.h>", "may include only"),
    ("drivers/emu/sim/unit.cpp", '#include "drivers/emu/units/pcu.hpp"', "may include only"),
    ("drivers/emu/sim/unit.cpp", "#include <rdu_hw/arch.h>", "may include only"),
    ("tools/rducc/ir/print.cpp", '#include "tools/rducc/import/onnx/importer.hpp"', "never"),
    ("tools/rducc/passes/fuse.cpp", '#include "tools/rducc/target/graph/lower.hpp"', "never"),
    ("tools/rducc/passes/fuse.cpp", "onnx::ModelProto m;", "onnx:: stays inside"),
    ("tools/rdu/run.cpp", '#include "sdk/src/api/check.hpp"', "may include only"),
    ("samples/hello_c/main.c", '#include "sdk/base/result.hpp"', "may include only"),
    ("sdk/base/log.cpp", '#include "tests/support/temp_dir.hpp"', "may include only"),
    ("sdk/base/log.cpp", '#include "sdk/base/gone.hpp"', "is not a file"),
    ("sdk/base/log.cpp", "#include <curl/curl.h>", "neither of this repository nor"),
    ("sdk/base/file_map.cpp", "#include <zlib.h>", "stays inside tools/rdu/io"),
    ("sdk/news/a.cpp", "int x;", "no layer"),
]

LEGAL = [
    ("samples/compile_at_runtime/main.c", "#include <rdu/rdu.h>\n#include <rducc/rducc.h>"),
    ("sdk/include/rdu/run.hpp", "#include <vector>\n#include <rdu/rdu.h>"),
    ("sdk/artifact/writer.cpp", '#include "artifact_generated.h"\nflatbuffers::Builder b;'),
    ("sdk/src/api/run.cpp", '#include <sys/mman.h>\n#include "sdk/artifact/reader.hpp"'),
    ("sdk/src/plugin/library.cpp", "#include <boost/dll.hpp>"),
    ("plugins/cpu/contract/dnnl/call.cpp", "#include <oneapi/dnnl/dnnl.hpp>\n#include <omp.h>"),
    ("plugins/cpu/map.cpp", "// dnnl::memory is not used\n/* #include <dnnl.hpp> */\nauto s = \"dnnl::\";"),
    ("plugins/cpu/map.cpp", "int x = mine::dnnl::y + my_dnnl::z;"),
    ("tools/rducc/import/onnx/conv.cpp", "#include <onnx/onnx_pb.h>\nonnx::NodeProto n;"),
    ("tools/rducc/target/rdu/place.cpp", "#include <rdu_hw/arch.h>"),
    ("tests/sdk/base/t.cpp", '#include "sdk/src/api/check.hpp"\n#include <oneapi/dnnl/dnnl.hpp>\ndnnl::memory m;'),
]


class LayeringTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        for header in HEADERS:
            self.write(header, "")

    def write(self, file: str, text: str):
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def test_each_offence_is_found_on_its_line(self):
        for file, line, sentence in OFFENCES:
            with self.subTest(file=file, line=line):
                self.write(file, f"// first line\n{line}\n")
                found = list(layering.offences(self.root))
                (self.root / file).unlink()
                self.assertEqual(len(found), 1, found)
                self.assertEqual(found[0][0], file)
                self.assertIn(sentence, found[0][2])
                self.assertEqual(found[0][1], 1 if sentence == "no layer" else 2)

    def test_legal_files_are_clean(self):
        for file, text in LEGAL:
            with self.subTest(file=file):
                self.write(file, text)
                self.assertEqual(list(layering.offences(self.root)), [])

    def test_every_layer_is_below_a_known_root(self):
        for layer in layering.rules.LAYERS:
            self.assertIn(layer.folder.split("/")[0], layering.scan.ROOTS)


if __name__ == "__main__":
    sys.exit(unittest.main())
