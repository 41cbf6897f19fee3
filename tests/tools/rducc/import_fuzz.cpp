// Any bytes as an ONNX model: compiled or refused, never a crash.
#include <cstddef>
#include <cstdint>
#include <span>

#include "tools/rducc/import/onnx/import_graph.hpp"
#include "tools/rducc/import/onnx/signature.hpp"
#include "tools/rducc/ir/error.hpp"
#include "tools/rducc/run_passes.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto model = rducc::import_onnx::parse_model(std::as_bytes(std::span(data, size)), "");
    rducc::import_onnx::ImportRequest request;
    for (const auto& input : rducc::import_onnx::input_signature(model).tensors) {
      for (const auto& dim : input.dims) {
        if (!dim.name.empty()) request.dims[dim.name] = 2;
      }
    }
    auto result = rducc::import_onnx::import_graph(model, request);
    if (result.problems.empty()) rducc::run_passes(result.variant, {});
  } catch (const rducc::CompileError&) {
    return 0;
  }
  return 0;
}
