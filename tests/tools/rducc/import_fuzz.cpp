// Any bytes as an ONNX model: an artifact or an error, never a crash.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "sdk/artifact/writer.hpp"
#include "tools/rducc/import/onnx/signature.hpp"
#include "tools/rducc/ir/error.hpp"
#include "tools/rducc/pipeline.hpp"

namespace {

// One extent for all symbolic dimensions, so that the import is not over before it began.
std::vector<rducc::DimChoice> extents_of(std::span<const std::byte> bytes) {
  std::vector<rducc::DimChoice> extents;
  try {
    const auto model = rducc::import_onnx::parse_model(bytes, "");
    for (const auto& input : rducc::import_onnx::input_signature(model).tensors) {
      for (const auto& dim : input.dims) {
        if (!dim.name.empty()) extents.emplace_back(dim.name, 2);
      }
    }
  } catch (const rducc::CompileError&) {
    return {};
  }
  return extents;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rducc::CompileRequest request;
  request.model_path = "fuzz";
  request.model = std::as_bytes(std::span(data, size));
  if (auto extents = extents_of(*request.model); !extents.empty()) {
    request.variants.push_back(std::move(extents));
  }
  const auto compiled = rducc::compile(request);
  if (compiled.ok()) {
    static_cast<void>(rdu::artifact::write_artifact(compiled->model).ok());
  } else if (compiled.error().code == rdu::base::Code::kInternal) {
    std::fprintf(stderr, "%s\n", compiled.error().message.c_str());
    std::abort();
  }
  return 0;
}
