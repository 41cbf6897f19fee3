// Text to message to artifact to session.
#include "tests/suite/text_model.hpp"

#include <onnx/defs/parser.h>
#include <onnx/onnx_pb.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <span>
#include <stdexcept>

#include "sdk/artifact/writer.hpp"
#include "tools/rdu/session.hpp"
#include "tools/rdu/verify_case.hpp"
#include "tools/rducc/pipeline.hpp"

namespace rdu::suite {
namespace {

template <typename Element>
void store(const Given& given, tool::HostTensor& tensor) {
  const std::vector<Element> dense(given.elements.begin(), given.elements.end());
  if (dense.size() * sizeof(Element) != tensor.bytes.size()) {
    throw std::logic_error("elements do not fit the shape");
  }
  if (!dense.empty()) std::memcpy(tensor.bytes.data(), dense.data(), tensor.bytes.size());
}

tool::HostTensor to_tensor(const Given& given) {
  tool::HostTensor tensor = tool::make_host_tensor(given.dtype, given.shape);
  if (given.dtype == RDU_DTYPE_I64) {
    store<std::int64_t>(given, tensor);
  } else if (given.dtype == RDU_DTYPE_BOOL) {
    store<std::uint8_t>(given, tensor);
  } else {
    store<float>(given, tensor);
  }
  return tensor;
}

// The text form has no word for an absent input.
void clear_absent(onnx::GraphProto& graph) {
  for (auto& node : *graph.mutable_node()) {
    for (std::string& input : *node.mutable_input()) {
      if (input == "none") input.clear();
    }
    for (auto& attribute : *node.mutable_attribute()) {
      if (attribute.has_g()) clear_absent(*attribute.mutable_g());
    }
  }
}

base::Result<rducc::Compiled> compile_text(const std::string& graph, const Compilation& options) {
  const std::string text =
      "<ir_version: 8, opset_import: [\"\" : " + std::to_string(options.opset) + "]>\n" + graph;
  onnx::ModelProto model;
  const auto parsed = onnx::OnnxParser::Parse(model, text.c_str());
  if (!parsed.IsOK()) throw std::logic_error(parsed.ErrorMessage());
  clear_absent(*model.mutable_graph());
  const std::string bytes = model.SerializeAsString();
  rducc::CompileRequest request;
  request.model_path = "model";
  request.model = std::as_bytes(std::span(bytes));
  request.loop_bound = options.loop_bound;
  request.passes.verify = true;
  return rducc::compile(request);
}

std::string next_path() {
  static int number = 0;
  const auto name =
      "rdu-text-" + std::to_string(getpid()) + "-" + std::to_string(number++) + ".rdu";
  return std::filesystem::temp_directory_path() / name;
}

}  // namespace

std::string complaint(const std::string& graph, const Compilation& options) {
  const auto compiled = compile_text(graph, options);
  return compiled.ok() ? "" : compiled.error().message;
}

TextModel::TextModel(const std::string& graph, const Compilation& options) : path_(next_path()) {
  const auto compiled = compile_text(graph, options);
  if (!compiled.ok()) throw std::runtime_error(compiled.error().message);
  for (const auto& part : compiled->model.signatures.at(0).variants.at(0).graphs) {
    for (const auto& node : part.nodes) patterns_.push_back(node.pattern);
  }
  const auto wrote = artifact::write_artifact(compiled->model, path_);
  if (!wrote.ok()) throw std::runtime_error(wrote.error().message);
}

TextModel::~TextModel() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

std::vector<tool::HostTensor> TextModel::run(const std::string& device,
                                             const std::vector<Given>& inputs) const {
  tool::SessionOptions options;
  options.devices = {device};
  options.no_fallback = true;
  tool::Session session(options);
  session.open_devices();
  session.open_artifact(path_);
  session.load_program();
  std::vector<tool::HostTensor> given;
  for (const Given& input : inputs) given.push_back(to_tensor(input));
  std::vector<tool::HostTensor> bound =
      tool::bind_inputs(session.program(), nullptr, std::move(given));
  return tool::run_once(session.program(), bound, nullptr);
}

}  // namespace rdu::suite
