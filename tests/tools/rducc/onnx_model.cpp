// Messages, files and folders for the importer's tests.
#include "tests/tools/rducc/onnx_model.hpp"

#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace rducc::test {
namespace {

void fill(onnx::TensorProto& tensor, const std::string& name, const std::vector<std::int64_t>& dims,
          const std::vector<float>& elements) {
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t dim : dims) tensor.add_dims(dim);
  for (const float element : elements) tensor.add_float_data(element);
}

}  // namespace

OnnxModel::OnnxModel(std::int64_t opset) {
  proto_.set_ir_version(8);
  proto_.add_opset_import()->set_version(opset);
  proto_.mutable_graph()->set_name("test");
}

OnnxModel& OnnxModel::input(const std::string& name, std::vector<std::int64_t> dims,
                            std::int32_t type) {
  auto* info = proto_.mutable_graph()->add_input();
  info->set_name(name);
  auto* tensor = info->mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(type);
  auto* shape = tensor->mutable_shape();
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] < 0) {
      shape->add_dim()->set_dim_param("n" + std::to_string(i));
    } else {
      shape->add_dim()->set_dim_value(dims[i]);
    }
  }
  return *this;
}

OnnxModel& OnnxModel::output(const std::string& name, std::int32_t type) {
  auto* info = proto_.mutable_graph()->add_output();
  info->set_name(name);
  info->mutable_type()->mutable_tensor_type()->set_elem_type(type);
  return *this;
}

OnnxModel& OnnxModel::floats(const std::string& name, std::vector<std::int64_t> dims,
                             const std::vector<float>& elements) {
  fill(*proto_.mutable_graph()->add_initializer(), name, dims, elements);
  return *this;
}

OnnxModel& OnnxModel::integers(const std::string& name, const std::vector<std::int64_t>& elements) {
  auto* tensor = proto_.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto::INT64);
  tensor->add_dims(static_cast<std::int64_t>(elements.size()));
  for (const std::int64_t element : elements) tensor->add_int64_data(element);
  return *this;
}

onnx::NodeProto& OnnxModel::node(const std::string& op, const std::vector<std::string>& inputs,
                                 const std::vector<std::string>& outputs) {
  auto* node = proto_.mutable_graph()->add_node();
  node->set_op_type(op);
  node->set_name(op + "_" + std::to_string(proto_.graph().node_size()));
  for (const std::string& input : inputs) node->add_input(input);
  for (const std::string& output : outputs) node->add_output(output);
  return *node;
}

void OnnxModel::save(const std::string& path) const {
  std::ofstream(path, std::ios::binary) << bytes();
}

void set_int(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
  auto* attribute = node.add_attribute();
  attribute->set_name(name);
  attribute->set_type(onnx::AttributeProto::INT);
  attribute->set_i(value);
}

void save_tensor(const std::string& path, const std::string& name, std::vector<std::int64_t> dims,
                 const std::vector<float>& elements) {
  onnx::TensorProto tensor;
  fill(tensor, name, dims, elements);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << tensor.SerializeAsString();
}

TempFolder::TempFolder() {
  path_ = (std::filesystem::temp_directory_path() / "rducc-XXXXXX").string();
  if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace rducc::test
