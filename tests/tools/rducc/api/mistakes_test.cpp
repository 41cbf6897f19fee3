// Mistakes of a model: the diagnostic names the tensors, what was expected and what was seen.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/api/call.hpp"

namespace rducc::test {
namespace {

// The message of the only diagnostic.
std::string mistake(const OnnxModel& model) {
  const std::string bytes = model.bytes();
  const auto refused = compile(request_for(bytes));
  CHECK(refused.code() == RDUCC_ERR_BAD_MODEL);
  REQUIRE(rducc_status_num_diagnostics(refused.status.get()) == 1);
  return rducc_status_diagnostic(refused.status.get(), 0)->message;
}

OnnxModel two_inputs(const std::string& op, std::vector<std::int64_t> a,
                     std::vector<std::int64_t> b) {
  OnnxModel model;
  model.input("left", std::move(a)).input("right", std::move(b)).output("y");
  model.node(op, {"left", "right"}, {"y"});
  return model;
}

void check_words(const std::string& message, const std::vector<std::string>& words) {
  for (const auto& word : words) CHECK_THAT(message, Catch::Contains(word));
}

TEST_CASE("shapes that do not go together are told with the tensors that have them") {
  const std::vector<std::string> operands{"'left' f32[2,3]", "'right' f32[4,5]"};
  for (const char* op : {"Add", "Mul", "Pow", "MatMul", "Gemm"}) {
    INFO(op);
    check_words(mistake(two_inputs(op, {2, 3}, {4, 5})), operands);
  }
  auto concat = two_inputs("Concat", {2, 3}, {4, 5});
  set_int(*concat.proto().mutable_graph()->mutable_node(0), "axis", 0);
  check_words(mistake(concat), operands);
}

TEST_CASE("ranks, channels and element counts that do not fit") {
  check_words(mistake(two_inputs("Conv", {1, 3, 8, 8}, {4, 2, 3, 3})),
              {"'left' f32[1,3,8,8]", "'right' f32[4,2,3,3]"});
  check_words(mistake(two_inputs("Conv", {1, 3}, {4, 3, 3, 3})), {"'left' f32[1,3]"});
  OnnxModel reshape;
  reshape.input("x", {2, 3}).integers("shape", {4, 4}).output("y");
  reshape.node("Reshape", {"x", "shape"}, {"y"});
  check_words(mistake(reshape), {"[2,3]", "[4,4]", "'x'"});
  auto transpose = OnnxModel().input("x", {2, 3}).output("y");
  transpose.node("Softmax", {"x"}, {"y"});
  set_int(*transpose.proto().mutable_graph()->mutable_node(0), "axis", 5);
  check_words(mistake(transpose), {"axis", "5", "'x' f32[2,3]"});
}

TEST_CASE("element types that an operator does not take") {
  OnnxModel mixed;
  mixed.input("a", {2}).input("b", {2}, onnx::TensorProto::INT64).output("y");
  mixed.node("Add", {"a", "b"}, {"y"});
  check_words(mistake(mixed), {"'a' f32[2]", "'b' i64[2]"});
  OnnxModel whole;
  whole.input("n", {2}, onnx::TensorProto::INT32).output("y").node("Softmax", {"n"}, {"y"});
  check_words(mistake(whole), {"floating-point", "i32", "'n'"});
  OnnxModel where;
  where.input("c", {2}).input("a", {2}).input("b", {2}).output("y");
  where.node("Where", {"c", "a", "b"}, {"y"});
  check_words(mistake(where), {"bool", "f32", "'c'"});
  OnnxModel gather;
  gather.input("x", {2}).input("at", {1}).output("y").node("Gather", {"x", "at"}, {"y"});
  check_words(mistake(gather), {"int32 or int64", "f32", "'at'"});
}

TEST_CASE("names and inputs that are not there") {
  OnnxModel undefined;
  undefined.input("x", {2}).output("y").node("Add", {"x", "nobody"}, {"y"});
  check_words(mistake(undefined), {"'nobody'"});
  OnnxModel missing;
  missing.input("x", {2}).output("y").node("Add", {"x"}, {"y"});
  check_words(mistake(missing), {"input 1 is missing", "'x' f32[2]"});
}

TEST_CASE("attributes of another type, and initializers that do not fit their shape") {
  OnnxModel wrong;
  auto& node = wrong.input("x", {2, 3}).output("y").node("Softmax", {"x"}, {"y"});
  auto* axis = node.add_attribute();
  axis->set_name("axis");
  axis->set_type(onnx::AttributeProto::STRING);
  axis->set_s("last");
  check_words(mistake(wrong), {"attribute axis", "STRING", "INT"});
  OnnxModel short_of;
  short_of.input("x", {4}).output("y").floats("w", {4}, {1, 2, 3});
  short_of.node("Add", {"x", "w"}, {"y"});
  check_words(mistake(short_of), {"'w'", "3 elements", "4"});
}

}  // namespace
}  // namespace rducc::test
