// Models with QuantizeLinear and DequantizeLinear around every operator: what becomes integers, what may not, and that
// the numbers are those of the real arithmetic. Scales are powers of two, so every product and sum is exact in doubles.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/tools/rducc/graphs.hpp"
#include "tests/tools/rducc/onnx_model.hpp"
#include "tools/rducc/pipeline.hpp"

namespace rducc::test {
namespace {

using Doubles = std::vector<double>;
using onnx::TensorProto;

struct Quant {
  double scale = 1;
  int zero_point = 0;
  std::int32_t type = TensorProto::UINT8;
};

constexpr Quant kEighths{0.125, 100}, kQuarters{0.25, 90}, kHalves{0.5, -5, TensorProto::INT8};

// x as the nearest number that `quant` can write.
double rounded(double x, const Quant& quant) {
  const bool is_signed = quant.type == TensorProto::INT8;
  const double number = std::nearbyint(x / quant.scale) + quant.zero_point;
  const double held = std::clamp(number, is_signed ? -128.0 : 0.0, is_signed ? 127.0 : 255.0);
  return (held - quant.zero_point) * quant.scale;
}

Doubles rounded(Doubles numbers, const Quant& quant) {
  for (double& number : numbers) number = rounded(number, quant);
  return numbers;
}

class QdqModel {
 public:
  explicit QdqModel(std::int64_t opset = 13) : model_(opset) {}

  OnnxModel& onnx() { return model_; }

  std::string numbers(const std::string& name, std::vector<std::int64_t> dims,
                      const std::vector<int>& elements, std::int32_t type) {
    auto* tensor = model_.proto().mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(type);
    for (const auto dim : dims) tensor->add_dims(dim);
    for (const int element : elements) tensor->add_int32_data(element);
    return name;
  }

  std::string quantised(const std::string& x, const Quant& quant) {
    return convert("QuantizeLinear", x, x + "_q", quant);
  }
  std::string dequantised(const std::string& x, const Quant& quant) {
    return convert("DequantizeLinear", x, x + "_real", quant);
  }
  std::string through(const std::string& x, const Quant& quant) {
    return dequantised(quantised(x, quant), quant);
  }

  // int8 weights with one scale per index of `axis`.
  std::string weights(std::vector<std::int64_t> dims, const std::vector<int>& elements,
                      std::int64_t axis, const std::vector<float>& scales) {
    numbers("w", std::move(dims), elements, TensorProto::INT8);
    model_.floats("w_scale", {static_cast<std::int64_t>(scales.size())}, scales);
    numbers("w_zero", {static_cast<std::int64_t>(scales.size())},
            std::vector<int>(scales.size(), 0), TensorProto::INT8);
    set_int(model_.node("DequantizeLinear", {"w", "w_scale", "w_zero"}, {"w_real"}), "axis", axis);
    return "w_real";
  }

  Variant compiled() {
    const TempFolder folder;
    model_.save(folder / "model.onnx");
    CompileRequest request;
    request.model_path = folder / "model.onnx";
    request.passes.verify = true;
    const auto result = compile(request);
    if (!result.ok()) FAIL(result.error().message);
    return result->model.signatures[0].variants[0];
  }

 private:
  std::string convert(const std::string& op, const std::string& x, const std::string& y,
                      const Quant& quant) {
    model_.floats(y + "_scale", {}, {static_cast<float>(quant.scale)});
    numbers(y + "_zero", {}, {quant.zero_point}, quant.type);
    model_.node(op, {x, y + "_scale", y + "_zero"}, {y});
    return y;
  }

  OnnxModel model_;
};

Doubles input_of(const Dims& dims) { return sample(dims, 100).to_f64(); }

std::size_t count_products(const Variant& variant, rdu_dtype acc) {
  return static_cast<std::size_t>(
      std::count_if(nodes(variant).begin(), nodes(variant).end(), [&](const Node& node) {
        return node.pattern == RDU_PATTERN_CONTRACT && node.acc_dtype == acc;
      }));
}

// Values of more than one number that are kept between nodes as reals.
std::size_t count_reals(const Variant& variant) {
  std::size_t count = 0;
  for (const Node& node : nodes(variant)) {
    for (const auto& write : node.writes) {
      const auto& value = variant.values[write.value];
      const bool is_output =
          std::count(variant.outputs.begin(), variant.outputs.end(), write.value);
      count += value.dtype == RDU_DTYPE_F32 && ir::num_elements(value.dims) > 1 && !is_output;
    }
  }
  return count;
}

std::vector<int> small_numbers(std::size_t count) {
  std::vector<int> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = static_cast<int>(i * 7 % 23) - 11;
  return numbers;
}

TEST_CASE("a quantised product with a scale per column is one of integers, from bytes to bytes") {
  QdqModel model;
  model.onnx().input("x", {3, 5}).output("y");
  const auto w = small_numbers(20);
  const std::vector<float> scales{0.5F, 0.25F, 0.125F, 1};
  const auto x = model.through("x", kEighths);
  model.onnx().node("MatMul", {x, model.weights({5, 4}, w, 1, scales)}, {"product"});
  model.onnx().node("Relu", {"product"}, {"positive"});
  model.onnx().node("Identity", {model.through("positive", kQuarters)}, {"y"});
  const Variant variant = model.compiled();
  CHECK(count_products(variant, RDU_DTYPE_I32) == 1);
  CHECK(count_products(variant, RDU_DTYPE_F32) == 0);
  CHECK(count_reals(variant) == 0);
  const Doubles given = rounded(input_of({3, 5}), kEighths), got = run(variant)[0];
  for (std::size_t m = 0; m < 3; ++m) {
    for (std::size_t n = 0; n < 4; ++n) {
      double sum = 0;
      for (std::size_t k = 0; k < 5; ++k) sum += given[m * 5 + k] * w[k * 4 + n] * scales[n];
      CHECK(got[m * 4 + n] == rounded(std::max(sum, 0.0), kQuarters));
    }
  }
}

// A convolution 3×3 with padding 1 of [1, 2, 5, 5]; weights [3, 2, 3, 3], a bias per channel.
TEST_CASE("a quantised convolution pads with the zero point and adds its bias as integers") {
  QdqModel model;
  model.onnx().input("x", {1, 2, 5, 5}).output("y");
  const auto w = small_numbers(54);
  const std::vector<float> scales{0.25F, 0.5F, 0.125F};
  const std::vector<int> bias{40, -300, 17};
  std::vector<float> bias_scales;
  for (const float scale : scales) bias_scales.push_back(scale * 0.125F);
  const auto x = model.through("x", kEighths);
  const auto weights = model.weights({3, 2, 3, 3}, w, 0, scales);
  model.numbers("b", {3}, bias, TensorProto::INT32);
  model.onnx().floats("b_scale", {3}, bias_scales);
  model.numbers("b_zero", {3}, {0, 0, 0}, TensorProto::INT32);
  set_int(model.onnx().node("DequantizeLinear", {"b", "b_scale", "b_zero"}, {"b_real"}), "axis", 0);
  auto& conv = model.onnx().node("Conv", {x, weights, "b_real"}, {"product"});
  auto& pads = *conv.add_attribute();
  pads.set_name("pads");
  pads.set_type(onnx::AttributeProto::INTS);
  for (int i = 0; i < 4; ++i) pads.add_ints(1);
  model.onnx().node("Identity", {model.through("product", kHalves)}, {"y"});
  const Variant variant = model.compiled();
  CHECK(count_products(variant, RDU_DTYPE_I32) == 1);
  CHECK(count_reals(variant) == 0);
  for (const Node& node : nodes(variant)) {
    if (node.pattern != RDU_PATTERN_CONTRACT) continue;
    const auto loads = [&](rdu_dtype dtype) {
      const auto& code = node.epilogue.code;
      return std::count_if(code.begin(), code.end(), [&](const auto& instr) {
        return instr.op == RDU_OP_LOAD && instr.dtype == dtype;
      });
    };
    CHECK(loads(RDU_DTYPE_I32) == 1);
    CHECK(node.reads[0].fill.i == kEighths.zero_point);
  }
  const Doubles given = rounded(input_of({1, 2, 5, 5}), kEighths), got = run(variant)[0];
  for (int o = 0; o < 3; ++o) {
    for (int y = 0; y < 5; ++y) {
      for (int column = 0; column < 5; ++column) {
        double sum = bias[o] * static_cast<double>(bias_scales[o]);
        for (int c = 0; c < 2; ++c) {
          for (int i = 0; i < 9; ++i) {
            const int row = y + i / 3 - 1, at = column + i % 3 - 1;
            if (row < 0 || row > 4 || at < 0 || at > 4) continue;
            sum += given[(c * 5 + row) * 5 + at] * w[(o * 2 + c) * 9 + i] * scales[o];
          }
        }
        CHECK(got[(o * 5 + y) * 5 + column] == rounded(sum, kHalves));
      }
    }
  }
}

TEST_CASE("pooling of quantised values is pooling of bytes") {
  const std::string op = GENERATE(as<std::string>(), "MaxPool", "AveragePool");
  QdqModel model;
  model.onnx().input("x", {1, 2, 4, 4}).output("y");
  auto& pool = model.onnx().node(op, {model.through("x", kEighths)}, {"pooled"});
  for (const char* name : {"kernel_shape", "strides"}) {
    auto& attribute = *pool.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INTS);
    for (int i = 0; i < 2; ++i) attribute.add_ints(2);
  }
  model.onnx().node("Identity", {model.through("pooled", kEighths)}, {"y"});
  const Variant variant = model.compiled();
  CHECK(count_reals(variant) == 0);
  for (const Node& node : nodes(variant)) {
    if (node.pattern != RDU_PATTERN_REDUCE) continue;
    CHECK(node.acc_dtype == (op == "MaxPool" ? RDU_DTYPE_U8 : RDU_DTYPE_I32));
  }
  CHECK(count(variant, RDU_PATTERN_REDUCE) == 1);
  const Doubles given = rounded(input_of({1, 2, 4, 4}), kEighths), got = run(variant)[0];
  for (std::size_t i = 0; i < got.size(); ++i) {
    const std::size_t corner = i / 4 * 16 + i / 2 % 2 * 8 + i % 2 * 2;
    const double a = given[corner], b = given[corner + 1], c = given[corner + 4],
                 d = given[corner + 5];
    const double pooled =
        op == "MaxPool" ? std::max(std::max(a, b), std::max(c, d)) : (a + b + c + d) / 4;
    CHECK(got[i] == rounded(pooled, kEighths));
  }
}

TEST_CASE("what moves quantised values between layers only copies bytes") {
  QdqModel model;
  model.onnx().input("x", {4, 6}).output("y", TensorProto::UINT8);
  model.onnx().node("Transpose", {model.through("x", kEighths)}, {"turned"});
  model.onnx().node("Identity", {model.quantised("turned", kEighths)}, {"y"});
  const Variant variant = model.compiled();
  CHECK(count_reals(variant) == 0);
  std::size_t quotients = 0;
  for (const Node& node : nodes(variant)) quotients += count_op(node, RDU_OP_DIV);
  CHECK(quotients == 1);
  const Doubles given = input_of({4, 6}), got = run(variant)[0];
  for (std::size_t i = 0; i < 24; ++i) {
    CHECK(got[i] == rounded(given[i % 4 * 6 + i / 4], kEighths) / kEighths.scale + 100);
  }
}

TEST_CASE("a concatenation that is quantised is one of bytes") {
  QdqModel model;
  model.onnx().input("x", {2, 5}).output("y", TensorProto::UINT8);
  const auto x = model.through("x", kEighths);
  const auto w = small_numbers(20);
  model.onnx().node("MatMul", {x, model.weights({5, 4}, w, 1, {1, 1, 1, 1})}, {"product"});
  set_int(model.onnx().node("Concat", {x, "product"}, {"joined"}), "axis", 1);
  model.onnx().node("Identity", {model.quantised("joined", kQuarters)}, {"y"});
  const Variant variant = model.compiled();
  CHECK(count_products(variant, RDU_DTYPE_I32) == 1);
  CHECK(count_reals(variant) == 0);
  const Doubles given = rounded(input_of({2, 5}), kEighths), got = run(variant)[0];
  for (std::size_t m = 0; m < 2; ++m) {
    for (std::size_t n = 0; n < 9; ++n) {
      double expected = n < 5 ? given[m * 5 + n] : 0;
      for (std::size_t k = 0; k < 5 && n >= 5; ++k) {
        expected += given[m * 5 + k] * w[k * 4 + n - 5];
      }
      CHECK(got[m * 9 + n] == rounded(expected, kQuarters) / kQuarters.scale + 90);
    }
  }
}

// K·max|x - zero|·max|w| = 155·128·K leaves I32 beyond K = 108240.
TEST_CASE("a sum that could leave 32 bits stays one of reals") {
  const bool fits = GENERATE(true, false);
  const std::int64_t depth = fits ? 108240 : 108241;
  QdqModel model;
  model.onnx().input("x", {1, depth}, TensorProto::UINT8).output("y");
  const std::vector<int> w(static_cast<std::size_t>(depth), 1);
  model.onnx().node(
      "MatMul", {model.dequantised("x", kEighths), model.weights({depth, 1}, w, 1, {1})}, {"y"});
  const Variant variant = model.compiled();
  CHECK(count_products(variant, RDU_DTYPE_I32) == (fits ? 1 : 0));
}

TEST_CASE("weights whose scale moves along the sum are dequantised where they are read") {
  constexpr std::size_t kDepth = 65, kColumns = 64;
  QdqModel model;
  model.onnx().input("x", {3, kDepth}).output("y");
  const auto w = small_numbers(kDepth * kColumns);
  std::vector<float> scales(kDepth);
  for (std::size_t k = 0; k < kDepth; ++k) scales[k] = k % 3 ? 0.25F : 1;
  const auto x = model.through("x", kEighths);
  model.onnx().node("MatMul", {x, model.weights({kDepth, kColumns}, w, 0, scales)}, {"y"});
  const Variant variant = model.compiled();
  CHECK(count_products(variant, RDU_DTYPE_I32) == 0);
  const auto& values = variant.values;
  CHECK(std::none_of(values.begin(), values.end(), [](const auto& value) {
    return value.role == RDU_ROLE_PARAMETER && value.dtype == RDU_DTYPE_F32 &&
           ir::num_elements(value.dims) == kDepth * kColumns;
  }));
  const Doubles given = rounded(input_of({3, kDepth}), kEighths), got = run(variant)[0];
  for (std::size_t m = 0; m < 3; ++m) {
    for (std::size_t n = 0; n < kColumns; ++n) {
      double sum = 0;
      for (std::size_t k = 0; k < kDepth; ++k) {
        sum += given[m * kDepth + k] * w[k * kColumns + n] * scales[k];
      }
      REQUIRE(got[m * kColumns + n] == sum);
    }
  }
}

TEST_CASE("padding that is no real zero keeps a convolution real") {
  QdqModel model;
  model.onnx().input("x", {1, 1, 4, 4}).output("y");
  const auto x = model.through("x", kEighths);
  model.onnx().integers("pads", {0, 0, 1, 1, 0, 0, 1, 1}).floats("one", {}, {1});
  model.onnx().node("Pad", {x, "pads", "one"}, {"padded"});
  const auto w = small_numbers(18);
  model.onnx().node("Conv", {"padded", model.weights({2, 1, 3, 3}, w, 0, {0.5F, 2})}, {"y"});
  const Variant variant = model.compiled();
  CHECK(count_products(variant, RDU_DTYPE_I32) == 0);
  const Doubles given = rounded(input_of({1, 1, 4, 4}), kEighths), got = run(variant)[0];
  for (int i = 0; i < 32; ++i) {
    double sum = 0;
    for (int j = 0; j < 9; ++j) {
      const int row = i / 4 % 4 + j / 3 - 1, column = i % 4 + j % 3 - 1;
      const bool inside = row >= 0 && row < 4 && column >= 0 && column < 4;
      sum += (inside ? given[row * 4 + column] : 1) * w[i / 16 * 9 + j] * (i < 16 ? 0.5 : 2);
    }
    CHECK(got[i] == sum);
  }
}

}  // namespace
}  // namespace rducc::test
