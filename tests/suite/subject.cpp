// Reads the model's signature, as the compiler does, and the domains of its nodes.
#include "tests/suite/subject.hpp"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <stdexcept>

#include "sdk/base/file_map.hpp"
#include "tools/rducc/import/onnx/load_model.hpp"
#include "tools/rducc/import/onnx/signature.hpp"

namespace rdu::suite {

bool is_numeric(const std::filesystem::path& case_dir) {
  using namespace rducc::import_onnx;
  const auto file = base::FileMap::open(case_dir / "model.onnx");
  if (!file.ok()) throw std::runtime_error(file.error().message);
  const LoadedModel model = parse_model(file->bytes(), case_dir);
  const auto& nodes = model.proto->graph().node();
  const bool trains = std::any_of(nodes.begin(), nodes.end(), [](const auto& node) {
    return node.domain() == "ai.onnx.preview.training";
  });
  return !trains && input_signature(model).problems.empty() &&
         output_signature(model).problems.empty();
}

}  // namespace rdu::suite
