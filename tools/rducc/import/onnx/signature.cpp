// Reads value infos and metadata of an ONNX model.
#include "tools/rducc/import/onnx/signature.hpp"

#include <onnx/onnx_pb.h>

namespace rducc::import_onnx {
namespace {

using rdu::artifact::SignatureDim;
using rdu::artifact::SignatureTensor;

std::string type_words(const onnx::TypeProto& type) {
  switch (type.value_case()) {
    case onnx::TypeProto::kSequenceType:
      return "a sequence";
    case onnx::TypeProto::kMapType:
      return "a map";
    case onnx::TypeProto::kOptionalType:
      return "an optional";
    case onnx::TypeProto::kSparseTensorType:
      return "a sparse tensor";
    case onnx::TypeProto::kTensorType:
      return "a tensor of " + onnx_type_name(type.tensor_type().elem_type());
    default:
      return "of no stated type";
  }
}

Problem type_problem(const onnx::ValueInfoProto& info, const char* what) {
  return {CompileErrorKind::kUnsupported,
          info.name(),
          what,
          "",
          0,
          "it is " + type_words(info.type()) + "; tensors of numbers are supported"};
}

SignatureTensor describe(const onnx::ValueInfoProto& info) {
  const auto& type = info.type().tensor_type();
  SignatureTensor tensor{info.name(), to_dtype(type.elem_type()), {}, {}};
  for (const auto& dim : type.shape().dim()) {
    if (dim.value_case() == onnx::TensorShapeProto::Dimension::kDimValue && dim.dim_value() >= 0) {
      tensor.dims.push_back({dim.dim_value(), {}});
    } else {
      tensor.dims.push_back({-1, dim.dim_param()});
    }
  }
  return tensor;
}

bool is_number_tensor(const onnx::ValueInfoProto& info) {
  return info.type().has_tensor_type() &&
         to_dtype(info.type().tensor_type().elem_type()) != RDU_DTYPE_NONE;
}

void add_metadata(ModelFacts& facts, const std::string& key, const std::string& value) {
  if (!value.empty()) facts.metadata.emplace_back(key, value);
}

}  // namespace

TensorSignature input_signature(const LoadedModel& model) {
  const auto& graph = model.proto->graph();
  std::set<std::string> initialised;
  for (const auto& tensor : graph.initializer()) initialised.insert(tensor.name());
  TensorSignature result;
  for (const auto& info : graph.input()) {
    if (initialised.contains(info.name())) continue;
    if (!is_number_tensor(info)) {
      result.problems.push_back(type_problem(info, "input"));
      continue;
    }
    SignatureTensor tensor = describe(info);
    for (std::size_t i = 0; i < tensor.dims.size(); ++i) {
      SignatureDim& dim = tensor.dims[i];
      if (dim.extent < 0 && dim.name.empty()) dim.name = info.name() + "." + std::to_string(i);
    }
    if (!info.type().tensor_type().has_shape()) {
      result.problems.push_back({CompileErrorKind::kUnsupported, info.name(), "input", "", 0,
                                 "the model does not state its rank"});
      continue;
    }
    result.tensors.push_back(std::move(tensor));
  }
  return result;
}

TensorSignature output_signature(const LoadedModel& model) {
  TensorSignature result;
  for (const auto& info : model.proto->graph().output()) {
    if (info.type().value_case() != onnx::TypeProto::VALUE_NOT_SET && !is_number_tensor(info)) {
      result.problems.push_back(type_problem(info, "output"));
    }
    result.tensors.push_back(describe(info));
  }
  return result;
}

ModelFacts model_facts(const LoadedModel& model) {
  const onnx::ModelProto& proto = *model.proto;
  ModelFacts facts;
  facts.name = proto.graph().name();
  facts.num_nodes = static_cast<std::size_t>(proto.graph().node_size());
  for (const auto& opset : proto.opset_import()) {
    if (opset.domain().empty() || opset.domain() == "ai.onnx") facts.opset = opset.version();
  }
  add_metadata(facts, "producer", proto.producer_name());
  add_metadata(facts, "producer_version", proto.producer_version());
  add_metadata(facts, "doc", proto.doc_string());
  for (const auto& entry : proto.metadata_props()) {
    facts.metadata.emplace_back(entry.key(), entry.value());
  }
  return facts;
}

}  // namespace rducc::import_onnx
