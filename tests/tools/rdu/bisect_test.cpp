// The first value that differs is found at its node: between two artifacts by way of stored tensors, on streams, in
// windows of any size.
#include "tools/rdu/bisect.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "sdk/artifact/reader.hpp"
#include "sdk/artifact/writer.hpp"
#include "tests/support/model_builder.hpp"
#include "tools/rdu/dump_tensors.hpp"
#include "tools/rdu/io/npy.hpp"
#include "tools/rdu/stored_tensors.hpp"

using namespace rdu;
using namespace rdu::tool;
using rdu::testing::along;
using rdu::testing::ModelBuilder;
namespace fs = std::filesystem;

namespace {

constexpr auto F32 = RDU_DTYPE_F32;

class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("rdu_bisect_" + std::to_string(::getpid()))) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

HostTensor f32(std::vector<std::int64_t> shape, const std::vector<float>& elements) {
  HostTensor tensor = make_host_tensor(F32, std::move(shape));
  std::memcpy(tensor.bytes.data(), elements.data(), elements.size() * sizeof(float));
  return tensor;
}

// TensorProto: dims, data_type FLOAT, raw_data.
void save_input(const fs::path& path, std::vector<char> dims, const std::vector<float>& elements) {
  std::string out;
  for (const char dim : dims) out += std::string{8, dim};
  out += std::string{16, 1, 74, static_cast<char>(elements.size() * sizeof(float))};
  out.append(reinterpret_cast<const char*>(elements.data()), elements.size() * sizeof(float));
  std::ofstream(path, std::ios::binary) << out;
}

// x [2, 3] → scaled = x · w → /block/neg → joined = [neg, abs(neg)] along axis 1 → exp, its view [12] and the sum of
// what is not negative, log(x - x): NaN or -inf where x is not finite.
fs::path save_model(const Folder& folder, const std::string& name, float weight) {
  ModelBuilder b;
  const auto x = b.input("x", F32, {2, 3});
  const auto w = b.constant("w", F32, {2, 3}, std::vector<float>{1, 1, 1, 1, weight, 1});
  const auto scaled = b.elementwise("scaled", RDU_OP_MUL, {x, w});
  const auto negated = b.elementwise("negated", RDU_OP_NEG, {scaled});
  const auto joined = b.value("joined", F32, {2, 6});
  for (const std::int64_t part : {0, 1}) {
    artifact::Node node;
    node.name = part == 0 ? "front" : "back";
    node.loops = {{2}, {3}};
    node.num_parallel = 2;
    node.reads = {rdu::testing::read(negated, rdu::testing::identity(2))};
    node.body = rdu::testing::program(
        {rdu::testing::instr(RDU_OP_LOAD, F32), rdu::testing::instr(RDU_OP_ABS, F32, 0)});
    if (part == 0) node.body.results = {0};
    node.writes.push_back({joined, {along(0), along(1, 1, 3 * part)}});
    b.add(std::move(node));
  }
  const auto zero = b.elementwise("zero", RDU_OP_SUB, {x, x});
  const auto logged = b.elementwise("logged", RDU_OP_LOG, {zero});
  const auto y = b.elementwise("y", RDU_OP_EXP, {joined});
  const auto flat = b.reshape("flat", joined, {12});
  b.output(y);
  b.output(logged);
  auto& variant = b.variant();
  const auto origin = [&](const char* origin, const char* op, std::uint32_t fate,
                          std::vector<artifact::OriginTensor> tensors) {
    variant.origins.push_back({origin, op, "", fate, RDU_NONE, std::move(tensors)});
  };
  origin("mul", "Mul", RDU_ORIGIN_COMPUTED, {{"scaled", scaled}});
  origin("neg", "Neg", RDU_ORIGIN_COMPUTED, {{"/block/neg", negated}});
  origin("concat", "Concat", RDU_ORIGIN_COMPUTED, {{"joined", joined}});
  origin("abs", "Abs", RDU_ORIGIN_COMPUTED, {{"fused", rdu::testing::kNone}});
  origin("reshape", "Reshape", RDU_ORIGIN_VIEW, {{"flat", flat}});
  origin("exp", "Exp", RDU_ORIGIN_COMPUTED, {{"y", y}});
  origin("constant", "Constant", RDU_ORIGIN_CONSTANT, {{"w", w}});
  const std::vector<std::vector<std::uint32_t>> work{{0}, {1}, {2}, {2, 3}, {}, {}, {5}};
  for (std::size_t i = 0; i < work.size(); ++i) variant.graphs[0].nodes[i].origins = work[i];
  b.sections({1, 2, 4, 5, 6, 7});  // the writers of a join stay together
  fs::path path = folder / name;
  const auto written = artifact::write_artifact(b.build(), path.string());
  INFO((written ? std::string() : written.error().message));
  REQUIRE(written);
  return path;
}

BisectOptions options_for(const Folder& folder, const fs::path& artifact) {
  fs::create_directories(folder / "data");
  save_input(folder / "data/input_0.pb", {2, 3}, {1, 2, 3, 4, 5, 6});
  BisectOptions options;
  options.artifact = artifact.string();
  options.session.devices = {"reference:"};
  options.session.plugin_paths = {RDU_TEST_PLUGINS};
  options.data = (folder / "data").string();
  return options;
}

BisectResult search(const BisectOptions& options) {
  const auto opened = artifact::open_artifact(options.artifact);
  REQUIRE(opened);
  return bisect(options, **opened);
}

std::string node_name(const BisectOptions& options, const BisectResult& result) {
  const auto opened = artifact::open_artifact(options.artifact);
  REQUIRE(opened);
  const auto* node = RDU_AT(rdu_node, (*opened)->graph(0, 0).nodes, result.difference->node);
  return node->name;
}

DumpCounts dump(const BisectOptions& options, const fs::path& dir, std::uint64_t memory_bytes) {
  Session session(options.session);
  session.open_devices();
  std::vector<HostTensor> inputs;
  inputs.push_back(f32({2, 3}, {1, 2, 3, 4, 5, 6}));
  return dump_tensors(session, options.artifact, inputs, dir, memory_bytes);
}

}  // namespace

TEST_CASE("a device agrees with itself, whatever the window") {
  const Folder folder;
  BisectOptions options = options_for(folder, save_model(folder, "m.rdu", 1));
  for (const std::uint64_t memory : {1u, 100u, 1u << 20}) {
    options.memory_bytes = memory;
    const BisectResult result = search(options);
    CHECK(!result.difference);
    CHECK(result.num_values == 6);
    CHECK(result.num_nodes == 7);
    CHECK(result.max_relative == 0);
  }
}

TEST_CASE("a changed constant is found at the node that reads it, first and only") {
  const Folder folder;
  const BisectOptions right = options_for(folder, save_model(folder, "right.rdu", 1));
  const DumpCounts counts = dump(right, folder / "tensors", 1 << 20);
  CHECK(counts.written == 5);
  CHECK(counts.all == 7);
  CHECK(fs::exists(folder / "tensors/_block_neg.npy"));

  BisectOptions wrong = options_for(folder, save_model(folder, "wrong.rdu", 1.5F));
  wrong.against = (folder / "tensors").string();
  for (const std::uint64_t memory : {1u, 1u << 20}) {
    wrong.memory_bytes = memory;
    const BisectResult result = search(wrong);
    REQUIRE(result.difference);
    CHECK(node_name(wrong, result) == "scaled");
    CHECK(result.difference->tensor == "scaled");
    const Comparison& comparison = result.difference->comparison;
    CHECK(position_of(comparison.worst, result.difference->shape) ==
          std::vector<std::int64_t>{1, 1});
    CHECK(comparison.worst_actual == 7.5);
    CHECK(comparison.worst_expected == 5);
    CHECK(comparison.num_wrong == 1);
  }
  // Without the tensor of the first node the next one is the first that shows it.
  fs::remove(folder / "tensors/scaled.npy");
  const BisectResult next = search(wrong);
  REQUIRE(next.difference);
  CHECK(next.difference->tensor == "/block/neg");

  BisectOptions again = right;
  again.against = wrong.against;
  CHECK(!search(again).difference);
}

TEST_CASE("of the nodes that write a value together, the one with the worst element is named") {
  const Folder folder;
  BisectOptions options = options_for(folder, save_model(folder, "m.rdu", 1));
  fs::create_directories(folder / "tensors");
  options.against = (folder / "tensors").string();
  std::vector<float> joined{-1, -2, -3, 1, 2, 3, -4, -5, -6, 4, 5, 6};
  joined[10] += 1;  // [1, 4]
  write_npy(folder / "tensors/joined.npy", f32({2, 6}, joined));
  BisectResult result = search(options);
  REQUIRE(result.difference);
  CHECK(node_name(options, result) == "back");
  CHECK(result.num_nodes == 2);

  joined[10] -= 1;
  joined[6] += 1;
  write_npy(folder / "tensors/joined.npy", f32({2, 6}, joined));
  CHECK(node_name(options, search(options)) == "front");
}

TEST_CASE("another shape of a value is compared in its own shape, a constant without a run") {
  const Folder folder;
  BisectOptions options = options_for(folder, save_model(folder, "m.rdu", 1));
  fs::create_directories(folder / "tensors");
  options.against = (folder / "tensors").string();
  write_npy(folder / "tensors/flat.npy", f32({12}, {-1, -2, -3, 1, 2, 3, -4, -5, -6, 4, 5, 9}));
  const BisectResult view = search(options);
  REQUIRE(view.difference);
  CHECK(view.difference->tensor == "flat");
  CHECK(view.difference->shape == std::vector<std::int64_t>{12});
  CHECK(view.difference->comparison.worst == 11);

  write_npy(folder / "tensors/w.npy", f32({2, 3}, {1, 1, 1, 1, 2, 1}));
  const BisectResult constant = search(options);
  REQUIRE(constant.difference);
  CHECK(constant.difference->tensor == "w");
  CHECK(constant.difference->node == RDU_NONE);
}

TEST_CASE("NaN and infinity agree with themselves and differ from everything else") {
  const Folder folder;
  BisectOptions options = options_for(folder, save_model(folder, "m.rdu", 1));
  CHECK(!search(options).difference);  // logged is -inf on both sides
  fs::create_directories(folder / "tensors");
  options.against = (folder / "tensors").string();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  write_npy(folder / "tensors/scaled.npy", f32({2, 3}, {1, 2, nan, 4, 5, 6}));
  const BisectResult result = search(options);
  REQUIRE(result.difference);
  CHECK(result.difference->comparison.worst == 2);
  CHECK(std::isnan(result.difference->comparison.worst_expected));
}

TEST_CASE("files that do not fit are errors or counted, never silent") {
  const Folder folder;
  BisectOptions options = options_for(folder, save_model(folder, "m.rdu", 1));
  options.against = (folder / "nowhere").string();
  CHECK_THROWS_WITH(search(options), Catch::Contains("nowhere"));
  fs::create_directories(folder / "tensors");
  options.against = (folder / "tensors").string();
  write_npy(folder / "tensors/stranger.npy", f32({1}, {1}));
  CHECK_THROWS_WITH(search(options), Catch::Contains("none of 1"));
  write_npy(folder / "tensors/fused.npy", f32({1}, {1}));
  write_npy(folder / "tensors/scaled.npy", f32({2, 3}, {1, 2, 3, 4, 5, 6}));
  const BisectResult result = search(options);
  CHECK(!result.difference);
  CHECK(result.unstored == std::vector<std::string>{"fused"});
  CHECK(result.strangers == std::vector<std::string>{"stranger.npy"});
  write_npy(folder / "tensors/scaled.npy", f32({3, 2}, {1, 2, 3, 4, 5, 6}));
  CHECK_THROWS_WITH(search(options), Catch::Contains("is f32[3, 2], tensor 'scaled' is f32[2, 3]"));
  options.variant = 1;
  CHECK_THROWS_WITH(search(options), Catch::Contains("--variant 1"));
}

TEST_CASE("what a state keeps is compared too, and counts as no output of the run") {
  ModelBuilder b;
  const auto x = b.input("x", F32, {2, 3});
  const auto before = b.value("before", F32, {2, 3}, RDU_ROLE_VARIABLE);
  const auto after = b.elementwise("after", RDU_OP_ADD, {x, before});
  b.variant().values[after].role = RDU_ROLE_VARIABLE;
  const auto doubled = b.elementwise("doubled", RDU_OP_ADD, {after, after});
  b.output(b.elementwise("y", RDU_OP_NEG, {doubled}));
  artifact::VariableUse use;
  use.name = "sum";
  use.read = before;
  use.write = after;
  b.variant().variables.push_back(use);
  artifact::Model model = b.build();
  auto& signature = model.signatures[0];
  const artifact::SignatureTensor state{"sum_out", F32, {{2, ""}, {3, ""}}, "sum"};
  signature.outputs.insert(signature.outputs.begin(), state);
  auto& outputs = signature.variants[0].outputs;
  outputs.insert(outputs.begin(), after);

  const Folder folder;
  const auto written = artifact::write_artifact(model, (folder / "m.rdu").string());
  INFO((written ? std::string() : written.error().message));
  REQUIRE(written);
  BisectOptions options = options_for(folder, folder / "m.rdu");
  for (const std::uint64_t memory : {1u, 1u << 20}) {
    options.memory_bytes = memory;
    const BisectResult result = search(options);
    CHECK(!result.difference);
    CHECK(result.num_values == 3);
  }
}

TEST_CASE("names of tensors and of files find each other") {
  const Folder folder;
  const std::vector<std::string> names{"/a/b", "a_b", "c:0", "x/y", "x%y"};
  const auto stems = file_stems(names);
  CHECK(stems.at("/a/b") == "_a_b");
  CHECK(stems.at("c:0") == "c:0");
  CHECK(file_stems(std::vector<std::string>{"x/y", "x_y"}).at("x/y") == "x%2Fy");
  fs::create_directories(folder / "x");
  for (const char* name : {"_a_b.npy", "a_b.npy", "c:0.npy", "x/y.npy", "x%25y.npy", "z.npy"}) {
    write_npy(folder / name, f32({1}, {1}));
  }
  const StoredTensors stored(folder / "", names);
  CHECK(stored.files().size() == 5);
  CHECK(stored.files().at("/a/b").filename() == "_a_b.npy");
  CHECK(stored.files().at("x%y").filename() == "x%25y.npy");
  CHECK(stored.strangers() == std::vector<std::string>{"z.npy"});
}
