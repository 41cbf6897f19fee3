// Each edit picks its victim among the graphs, nodes or tensors that there are, and does nothing where there is none.
#include "tests/tools/rducc/mutate_model.hpp"

#include <algorithm>
#include <limits>
#include <random>

namespace rducc::test {
namespace {

using Engine = std::mt19937_64;

class Mutator {
 public:
  Mutator(onnx::ModelProto& model, const Vocabulary& vocabulary, std::uint64_t seed)
      : model_(model), vocabulary_(vocabulary), engine_(seed) {}

  void run() {
    for (std::uint64_t edits = 1 + below(6); edits > 0; --edits) {
      graphs_.clear();
      collect(*model_.mutable_graph(), 0);
      edit();
    }
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : engine_() % bound; }

  template <typename Repeated>
  auto* any(Repeated* items) {
    return items->empty() ? nullptr : items->Mutable(static_cast<int>(below(items->size())));
  }

  const std::string& any(const std::vector<std::string>& names) {
    return names[below(names.size())];
  }

  std::int64_t number() {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t kNumbers[] = {0,
                                         1,
                                         2,
                                         3,
                                         4,
                                         5,
                                         7,
                                         8,
                                         16,
                                         100,
                                         -1,
                                         -2,
                                         -3,
                                         -9,
                                         255,
                                         256,
                                         65536,
                                         1 << 20,
                                         std::int64_t{1} << 31,
                                         std::int64_t{1} << 32,
                                         std::int64_t{1} << 40,
                                         std::int64_t{1} << 50,
                                         std::int64_t{1} << 62,
                                         kMax,
                                         -kMax - 1,
                                         -(std::int64_t{1} << 31)};
    return kNumbers[below(std::size(kNumbers))];
  }

  float real() {
    constexpr float kInf = std::numeric_limits<float>::infinity();
    constexpr float kReals[] = {0, 1, -1, 0.5f, 2, 1e-30f, 1e30f, -1e30f, kInf, -kInf, 3.5f};
    return below(8) == 0 ? std::numeric_limits<float>::quiet_NaN()
                         : kReals[below(std::size(kReals))];
  }

  std::int32_t type() { return static_cast<std::int32_t>(below(25)); }

  void collect(onnx::GraphProto& graph, int depth) {
    graphs_.push_back(&graph);
    if (depth > 20) return;
    for (auto& node : *graph.mutable_node()) {
      for (auto& attribute : *node.mutable_attribute()) {
        if (attribute.has_g()) collect(*attribute.mutable_g(), depth + 1);
      }
    }
  }

  onnx::GraphProto& graph() { return *graphs_[below(graphs_.size())]; }
  onnx::NodeProto* node() {
    if (model_.functions_size() > 0 && below(3) == 0) {
      return any(any(model_.mutable_functions())->mutable_node());
    }
    return any(graph().mutable_node());
  }

  // Of any value of a graph, or of none.
  std::string name_in(const onnx::GraphProto& graph) {
    std::vector<std::string> names{"", "nobody"};
    for (const auto& input : graph.input()) names.push_back(input.name());
    for (const auto& tensor : graph.initializer()) names.push_back(tensor.name());
    for (const auto& node : graph.node()) {
      names.insert(names.end(), node.output().begin(), node.output().end());
    }
    return any(names);
  }

  void edit() {
    switch (below(14)) {
      case 0:
      case 1:
        return edit_info();
      case 2:
      case 3:
        return edit_tensor(any(graph().mutable_initializer()));
      case 4:
      case 5:
      case 6:
        return edit_attribute();
      case 7:
        return rename_operator();
      case 8:
      case 9:
        return rewire();
      case 10:
        return rearrange_nodes();
      case 11:
        return edit_opset();
      case 12:
        return edit_function();
      default:
        return nest();
    }
  }

  void edit_info() {
    onnx::GraphProto& in = graph();
    auto* info = any(below(3) == 0 ? in.mutable_output() : in.mutable_input());
    if (info == nullptr) return;
    auto* tensor = info->mutable_type()->mutable_tensor_type();
    switch (below(5)) {
      case 0:
        return tensor->set_elem_type(type());
      case 1:
        return tensor->clear_shape();
      case 2:
        return info->set_name(name_in(in));
      case 3:
        tensor->mutable_shape()->add_dim()->set_dim_value(number());
        return;
      default:
        if (auto* dim = any(tensor->mutable_shape()->mutable_dim())) dim->set_dim_value(number());
    }
  }

  void edit_tensor(onnx::TensorProto* tensor) {
    if (tensor == nullptr) return;
    switch (below(9)) {
      case 0:
        return tensor->set_data_type(type());
      case 1:
        return tensor->add_dims(number());
      case 2:
        if (tensor->dims_size() > 0)
          tensor->set_dims(static_cast<int>(below(tensor->dims_size())), number());
        return;
      case 3:
        tensor->mutable_raw_data()->resize(below(64));
        return;
      case 4:
        if (!tensor->raw_data().empty()) {
          (*tensor->mutable_raw_data())[below(tensor->raw_data().size())] =
              static_cast<char>(engine_());
        }
        return;
      case 5:
        return make_external(*tensor);
      case 6:
        if (tensor->int64_data_size() > 0) {
          tensor->set_int64_data(static_cast<int>(below(tensor->int64_data_size())), number());
        }
        return;
      case 7:
        return tensor->set_name(name_in(graph()));
      default:
        return scalar_content(*tensor);
    }
  }

  void make_external(onnx::TensorProto& tensor) {
    constexpr const char* kPlaces[] = {"../w", "/etc/passwd", "w",        ".",
                                       "",     "/dev/zero",   "a/../../b"};
    tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    const auto add = [&](const char* key, const std::string& value) {
      auto* entry = tensor.add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    };
    add("location", kPlaces[below(std::size(kPlaces))]);
    if (below(2) == 0) add("offset", std::to_string(number()));
    if (below(2) == 0) add("length", std::to_string(number()));
  }

  // Small integers decide shapes, axes and trip counts.
  void scalar_content(onnx::TensorProto& tensor) {
    const std::string name = tensor.name();
    tensor.Clear();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::INT64);
    const std::uint64_t count = below(4);
    if (count != 1 || below(2) == 0) tensor.add_dims(static_cast<std::int64_t>(count));
    for (std::uint64_t i = 0; i < std::max<std::uint64_t>(count, tensor.dims_size() == 0); ++i) {
      tensor.add_int64_data(number());
    }
  }

  void edit_attribute() {
    onnx::NodeProto* victim = node();
    if (victim == nullptr) return;
    if (below(4) == 0 && !vocabulary_.attributes.empty()) {
      auto* added = victim->add_attribute();
      added->set_name(any(vocabulary_.attributes));
      added->set_type(onnx::AttributeProto::INT);
      added->set_i(number());
      return;
    }
    auto* attribute = any(victim->mutable_attribute());
    if (attribute == nullptr) return;
    switch (below(9)) {
      case 0:
        victim->mutable_attribute()->RemoveLast();
        return;
      case 1: {
        const auto kind = static_cast<int>(below(16));
        if (onnx::AttributeProto_AttributeType_IsValid(kind)) {
          attribute->set_type(static_cast<onnx::AttributeProto::AttributeType>(kind));
        }
        return;
      }
      case 2:
        return attribute->set_f(real());
      case 3:
        return attribute->add_ints(number());
      case 4:
        if (attribute->ints_size() > 0) {
          attribute->set_ints(static_cast<int>(below(attribute->ints_size())), number());
        }
        return;
      case 5:
        if (attribute->has_t()) return edit_tensor(attribute->mutable_t());
        return attribute->set_i(number());
      case 6:
        return attribute->set_s(below(2) == 0 ? "" : "SAME_UPPER");
      case 7:
        attribute->set_ref_attr_name(attribute->name());
        return;
      default:
        return attribute->set_i(number());
    }
  }

  void rename_operator() {
    onnx::NodeProto* victim = node();
    if (victim == nullptr || vocabulary_.operators.empty()) return;
    victim->set_op_type(any(vocabulary_.operators));
    if (below(8) == 0) victim->set_domain(below(2) == 0 ? "com.microsoft" : "example");
  }

  void rewire() {
    onnx::GraphProto& in = graph();
    onnx::NodeProto* victim = any(in.mutable_node());
    if (victim == nullptr) return;
    switch (below(5)) {
      case 0:
        return victim->add_input(name_in(in));
      case 1:
        return victim->add_output(name_in(in));
      case 2:
        if (victim->input_size() > 0) victim->mutable_input()->RemoveLast();
        return;
      case 3:
        if (victim->output_size() > 0) {
          victim->set_output(static_cast<int>(below(victim->output_size())), name_in(in));
        }
        return;
      default:
        if (victim->input_size() > 0) {
          victim->set_input(static_cast<int>(below(victim->input_size())), name_in(in));
        }
    }
  }

  void rearrange_nodes() {
    auto* nodes = graph().mutable_node();
    if (nodes->empty()) return;
    const auto pick = [&] { return static_cast<int>(below(nodes->size())); };
    switch (below(4)) {
      case 0:
        return nodes->SwapElements(pick(), pick());
      case 1:
        nodes->DeleteSubrange(pick(), 1);
        return;
      default: {
        const onnx::NodeProto copy = nodes->Get(pick());
        *nodes->Add() = copy;
        if (below(2) == 0) {
          for (auto& output : *nodes->Mutable(nodes->size() - 1)->mutable_output()) output += "'";
        }
      }
    }
  }

  void edit_opset() {
    if (auto* opset = any(model_.mutable_opset_import())) {
      opset->set_version(below(4) == 0 ? number() : static_cast<std::int64_t>(below(28)));
    }
  }

  // A part of the graph as a function, which now and then calls itself.
  void edit_function() {
    onnx::NodeProto* victim = any(model_.mutable_graph()->mutable_node());
    if (victim == nullptr) return;
    auto* function = model_.add_functions();
    function->set_name(below(2) == 0 ? victim->op_type() : "F");
    function->set_domain(below(2) == 0 ? victim->domain() : "example");
    *function->mutable_input() = victim->input();
    *function->mutable_output() = victim->output();
    *function->add_node() = *victim;
    if (below(2) == 0) {
      *function->add_node() = *victim;
      function->mutable_node(1)->set_op_type(function->name());
      function->mutable_node(1)->set_domain(function->domain());
    }
    victim->set_op_type(function->name());
    victim->set_domain(function->domain());
    auto* opset = model_.add_opset_import();
    opset->set_domain(function->domain());
    opset->set_version(1 + static_cast<std::int64_t>(below(20)));
  }

  // A whole graph as a body of a control operator.
  void nest() {
    if (model_.ByteSizeLong() > (1 << 18)) return;
    const onnx::GraphProto copy = graph();
    onnx::NodeProto* victim = node();
    if (victim == nullptr) return;
    constexpr const char* kOperators[] = {"If", "Loop", "Scan"};
    victim->set_op_type(kOperators[below(3)]);
    for (const char* name : {"then_branch", "else_branch", "body"}) {
      auto* attribute = victim->add_attribute();
      attribute->set_name(name);
      attribute->set_type(onnx::AttributeProto::GRAPH);
      *attribute->mutable_g() = copy;
    }
  }

  onnx::ModelProto& model_;
  const Vocabulary& vocabulary_;
  Engine engine_;
  std::vector<onnx::GraphProto*> graphs_;
};

void add_new(std::vector<std::string>& names, const std::string& name) {
  const auto place = std::lower_bound(names.begin(), names.end(), name);
  if (place == names.end() || *place != name) names.insert(place, name);
}

}  // namespace

void learn(Vocabulary& vocabulary, const onnx::ModelProto& model) {
  for (const auto& node : model.graph().node()) {
    add_new(vocabulary.operators, node.op_type());
    for (const auto& attribute : node.attribute()) {
      add_new(vocabulary.attributes, attribute.name());
    }
  }
}

onnx::ModelProto mutated_model(const onnx::ModelProto& model, const Vocabulary& vocabulary,
                               std::uint64_t seed) {
  onnx::ModelProto copy = model;
  Mutator(copy, vocabulary, seed).run();
  return copy;
}

}  // namespace rducc::test
