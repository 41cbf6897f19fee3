// States that grow, on real devices: attention over a cache, checked step by step against the formula.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <rdu/rdu.hpp>

#include "sdk/artifact/writer.hpp"
#include "tests/support/cached_attention.hpp"

using namespace rdu;
using testing::kHeads;
using testing::kHeadWidth;

namespace {

constexpr std::int64_t kRoom = 16;

// A file of the test's own, removed at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& kind)
      : path_("growing_state_test." + std::to_string(::getpid()) + "." + kind) {}
  ~TemporaryFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

artifact::Model model_of(std::int64_t room) { return testing::cached_attention({1, 2, 4}, room); }

struct Loaded {
  explicit Loaded(const std::string& uri, const artifact::Model& model = model_of(kRoom))
      : artifact(open(context, model)), program(artifact, {context.open_device(uri)}) {}

  static Artifact open(const Context& context, const artifact::Model& model) {
    const TemporaryFile file("rdu");
    REQUIRE(artifact::write_artifact(model, file.path()));
    return context.open_artifact(file.path());
  }

  Context context;
  Artifact artifact;
  Program program;
};

// Rows [head, position, width] of a step, different in every step and element.
std::vector<float> rows(std::int64_t positions, float seed) {
  std::vector<float> values(static_cast<std::size_t>(kHeads * positions * kHeadWidth));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = std::sin(seed + 1.7f * static_cast<float>(i));
  }
  return values;
}

// One stream of a program, and all that it has been given.
class Stream {
 public:
  explicit Stream(const Loaded& model) : program_(model.program), state(model.program) {}
  Stream(const Stream& other, State clone)
      : program_(other.program_), past_(other.past_), state(std::move(clone)) {}

  std::int64_t length() const {
    std::int64_t length[1] = {};
    state.read("past", length);
    return length[0];
  }

  // Appends so many positions and checks what comes out.
  void step(std::int64_t positions) {
    const float seed = 3.1f * static_cast<float>(past_.size());
    const std::vector<float> q = rows(positions, seed), k = rows(positions, seed + 1),
                             v = rows(positions, seed + 2);
    const Outputs outputs = run(q, k, v, positions);
    for (std::int64_t p = 0; p < positions; ++p) past_.push_back({k, v, positions, p});
    const auto y = outputs[0].data<float>();
    REQUIRE(y.size() == q.size());
    for (std::int64_t h = 0; h < kHeads; ++h) {
      for (std::int64_t p = 0; p < positions; ++p) check_row(q, y, h, p, positions);
    }
    REQUIRE(length() == static_cast<std::int64_t>(past_.size()));
  }

  rdu_code failure(std::int64_t positions) const {
    const std::vector<float> x = rows(positions, 99);
    try {
      run(x, x, x, positions);
    } catch (const Error& error) {
      message_ = error.what();
      return error.code();
    }
    return RDU_OK;
  }

  const std::string& message() const { return message_; }
  void forget() { past_.clear(); }

 private:
  struct Position {
    std::vector<float> k, v;  // of the step that brought it
    std::int64_t positions, number;

    static std::size_t at(std::int64_t h, std::int64_t p, std::int64_t positions) {
      return static_cast<std::size_t>((h * positions + p) * kHeadWidth);
    }
    const float* key(std::int64_t h) const { return &k[at(h, number, positions)]; }
    const float* value(std::int64_t h) const { return &v[at(h, number, positions)]; }
  };

  Outputs run(const std::vector<float>& q, const std::vector<float>& k, const std::vector<float>& v,
              std::int64_t positions) const {
    const Shape shape{kHeads, positions, kHeadWidth};
    RunOptions options;
    options.state = &state;
    return program_.run({input(q, shape), input(k, shape), input(v, shape)}, options);
  }

  // softmax(q · keys / 2) · values over all positions up to its own.
  void check_row(const std::vector<float>& q, std::span<const float> y, std::int64_t h,
                 std::int64_t p, std::int64_t positions) const {
    const float* row = &q[Position::at(h, p, positions)];
    const std::size_t visible = past_.size() - static_cast<std::size_t>(positions - p - 1);
    double sum = 0, expected[kHeadWidth] = {};
    for (std::size_t t = 0; t < visible; ++t) {
      double score = 0;
      for (int d = 0; d < kHeadWidth; ++d) score += double{row[d]} * past_[t].key(h)[d];
      const double weight = std::exp(score / 2);
      sum += weight;
      for (int d = 0; d < kHeadWidth; ++d) expected[d] += weight * past_[t].value(h)[d];
    }
    for (int d = 0; d < kHeadWidth; ++d) {
      const float seen = y[Position::at(h, p, positions) + static_cast<std::size_t>(d)];
      REQUIRE(seen == Approx(expected[d] / sum).margin(1e-5));
    }
  }

  const Program& program_;
  std::vector<Position> past_;
  mutable std::string message_;

 public:
  State state;
};

}  // namespace

TEST_CASE("a cache that grows position by position gives what all positions give") {
  const Loaded model(GENERATE("cpu:", "reference:"));
  Stream stream(model);
  for (std::int64_t i = 0; i < kRoom; ++i) stream.step(1);
}

TEST_CASE("variants of several lengths share one state, and streams do not meet") {
  const Loaded model(GENERATE("cpu:", "reference:"));
  Stream stream(model), other(model);
  stream.step(4);
  stream.step(1);
  other.step(2);
  stream.step(2);
  other.step(4);
  stream.step(1);
  other.step(1);
}

TEST_CASE("a step beyond the room is refused and changes nothing; after a reset there is room") {
  const Loaded model(GENERATE("cpu:", "reference:"));
  Stream stream(model);
  for (int i = 0; i < 3; ++i) stream.step(4);
  for (int i = 0; i < 3; ++i) stream.step(1);
  CHECK(stream.failure(2) == RDU_ERR_LIMIT_EXCEEDED);
  CHECK(stream.message() ==
        "state 'past_k' holds 15 of 16 positions along dimension 1; this run appends 2");
  stream.step(1);
  CHECK(stream.failure(1) == RDU_ERR_LIMIT_EXCEEDED);
  CHECK(stream.length() == kRoom);
  stream.state.reset();
  stream.forget();
  for (int i = 0; i < 4; ++i) stream.step(4);
}

TEST_CASE("a run that fails half-way leaves a growing state as it was") {
  artifact::Model model = model_of(kRoom);
  // The variant of two positions reads the values at the length: outside them unless it is 0.
  for (artifact::Node& node : model.signatures[0].variants[1].graphs[0].nodes) {
    if (node.name != "append_past_v") continue;
    artifact::Index& index = node.reads[0].access[1];
    index.source = node.writes[0].access[1].source;
    index.outside = RDU_OUTSIDE_ERROR;
  }
  const Loaded loaded(GENERATE("cpu:", "reference:"), model);
  Stream stream(loaded);
  stream.step(4);
  stream.step(1);
  CHECK(stream.failure(2) == RDU_ERR_OUT_OF_RANGE);
  CHECK(stream.length() == 5);
  stream.step(1);
  stream.step(4);
}

TEST_CASE("a clone of a growing state goes its own way") {
  const Loaded model("cpu:");
  Stream stream(model);
  stream.step(4);
  Stream copy(stream, stream.state.clone());
  stream.step(1);
  copy.step(2);
  stream.step(4);
  copy.step(1);
}

TEST_CASE("what is in use is saved, and loaded where there is room for it") {
  const Loaded model("cpu:"), larger("cpu:", model_of(100)), smaller("cpu:", model_of(4));
  Stream stream(model);
  stream.step(4);
  stream.step(1);
  const TemporaryFile file("state");
  stream.state.save(file.path());
  constexpr std::uintmax_t kInUse = 2 * kHeads * 5 * kHeadWidth * sizeof(float);
  CHECK(std::filesystem::file_size(file.path()) < kInUse + 250);

  const Stream before(stream, stream.state.clone());
  stream.step(1);
  stream.state.load(file.path());
  Stream again(before, std::move(stream.state));
  CHECK(again.length() == 5);
  again.step(2);

  State roomy(larger.program), tight(smaller.program);
  roomy.load(file.path());
  std::int64_t length[1] = {};
  roomy.read("past", length);
  CHECK(length[0] == 5);
  std::vector<float> here(kHeads * kRoom * kHeadWidth), there(kHeads * 100 * kHeadWidth);
  before.state.read("past_v", here);
  roomy.read("past_v", there);
  for (std::size_t h = 0; h < kHeads; ++h) {
    for (std::size_t i = 0; i < 5 * kHeadWidth; ++i) {
      REQUIRE(there[h * 100 * kHeadWidth + i] == here[h * kRoom * kHeadWidth + i]);
    }
  }
  CHECK_THROWS_AS(tight.load(file.path()), Error);
  tight.read("past", length);
  CHECK(length[0] == 0);
}

TEST_CASE("a length outside its caches is not taken") {
  const Loaded model("cpu:");
  State state(model.program);
  for (const std::int64_t wrong : {std::int64_t{-1}, kRoom + 1, INT64_MAX}) {
    const std::int64_t length[1] = {wrong};
    CHECK_THROWS_WITH(state.write("past", length),
                      Catch::StartsWith("length 'past' is ") &&
                          Catch::EndsWith("outside [0, 16] of state 'past_k'"));
  }
  const std::int64_t full[1] = {kRoom};
  state.write("past", full);
}

TEST_CASE("a growing variable is described with its room, and kept once") {
  const Loaded model("cpu:");
  const State state(model.program);
  REQUIRE(rdu_state_num_variables(state.get()) == 3);
  auto info = detail::sized<rdu_value_info>();
  check(rdu_state_get_variable(state.get(), 1, &info));
  CHECK(std::string(info.name) == "past_k");
  CHECK(info.shape[1] == kRoom);
  CHECK(info.dim_is_bounded[0] == 0);
  CHECK(info.dim_is_bounded[1] == 1);
  CHECK(std::string(info.dim_names[1]) == "past");
  constexpr std::uint64_t kCache = kHeads * kRoom * kHeadWidth * sizeof(float);
  CHECK(model.program.memory().state_bytes == 2 * sizeof(std::int64_t) + 2 * kCache);
}
