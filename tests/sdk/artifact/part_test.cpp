// Sections as artifacts of their own: what crosses their borders, what they keep, and which segments they need.
#include "sdk/artifact/part.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "sdk/artifact/view.hpp"
#include "tests/sdk/artifact/support.hpp"
#include "tests/support/cached_attention.hpp"
#include "tests/support/model_builder.hpp"
#include "tests/support/nine_patterns.hpp"
#include "tests/support/walk.hpp"

using namespace rdu;
using namespace rdu::testing;

namespace {

using Spans = std::vector<std::span<const std::byte>>;

// An opened artifact with its bytes, and the doors to its parts.
struct Whole {
  explicit Whole(const artifact::Model& model)
      : file(aligned(written(model))),
        opened(*artifact::open_artifact(std::as_const(file).bytes())) {
    for (const auto& segment : opened->segments()) segments.push_back(segment.bytes);
  }

  base::Result<artifact::ArtifactPtr> part(const artifact::PartRange& range,
                                           const artifact::OpenOptions& options = {}) const {
    return artifact::open_part(opened->metadata_bytes(), segments, range, options);
  }
  artifact::ArtifactPtr good_part(std::uint32_t first, std::uint32_t end) const {
    auto opened_part = part({0, 0, first, end});
    if (!opened_part) FAIL(opened_part.error().message);
    return *opened_part;
  }
  const rdu_graph& graph(std::uint32_t signature = 0, std::uint32_t variant = 0) const {
    return opened->graph(signature, variant);
  }

  base::AlignedBytes file;
  artifact::ArtifactPtr opened;
  Spans segments;
};

// Names of values of the whole, by their numbers in the names of a part's tensors.
std::vector<std::string> names(const Whole& whole,
                               const std::vector<artifact::SignatureTensor>& tensors) {
  std::vector<std::string> names;
  for (const auto& tensor : tensors) {
    REQUIRE(tensor.name.front() == '#');
    const auto id = static_cast<std::uint32_t>(std::stoul(tensor.name.substr(1)));
    names.push_back(artifact::at<rdu_value>(whole.graph().values, id).name);
  }
  return names;
}

std::vector<std::string> variables(const artifact::Artifact& part) {
  std::vector<std::string> names;
  for (const auto& variable : artifact::each<rdu_variable>(part.graph(0, 0).variables)) {
    names.push_back(variable.name);
  }
  return names;
}

// x -> first -> second, each with 80,000 bytes of weights, which are a segment each.
artifact::Model two_weights() {
  ModelBuilder builder;
  const Dims dims{20000};
  const ValueId x = builder.input("x", RDU_DTYPE_F32, dims);
  const auto weights = [&](const char* name, float value) {
    return builder.constant(name, RDU_DTYPE_F32, dims, std::vector<float>(20000, value));
  };
  const ValueId first = builder.elementwise("first", RDU_OP_ADD, {x, weights("a", 1)});
  builder.output(builder.elementwise("second", RDU_OP_MUL, {first, weights("b", 2)}));
  return builder.build();
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("every range of sections is a sound artifact") {
  for (const artifact::Model& model : {nine_patterns(), cached_attention({1, 3}, 8)}) {
    const Whole whole(model);
    for (std::uint32_t s = 0; s < model.signatures.size(); ++s) {
      for (std::uint32_t v = 0; v < model.signatures[s].variants.size(); ++v) {
        const std::uint32_t count = whole.graph(s, v).sections.count;
        for (std::uint32_t first = 0; first < count; ++first) {
          for (std::uint32_t end = first + 1; end <= count; ++end) {
            INFO(model.name << " variant " << v << ", sections [" << first << ", " << end << ")");
            const auto part = whole.part({s, v, first, end});
            if (!part) FAIL(part.error().message);
            CHECK(walk(**part) == "");
            CHECK((*part)->graph(0, 0).sections.count == end - first);
            CHECK((*part)->graph(0, 0).values.count == whole.graph(s, v).values.count);
          }
        }
      }
    }
  }
}

TEST_CASE("what crosses the border is an input or an output, named by its number") {
  const Whole whole(cached_attention({2}, 8));
  // The length belongs to all sections, so no part of them can keep it.
  const auto counted = whole.good_part(0, 1);
  CHECK(names(whole, counted->signatures()[0].inputs) == Names{"past"});
  CHECK(names(whole, counted->signatures()[0].outputs) == Names{"total"});
  CHECK(variables(*counted) == Names{});
  // A cache that is written in place stays a variable; without its length it does not grow.
  const auto append = whole.good_part(1, 2);
  CHECK(names(whole, append->signatures()[0].inputs) == Names{"k", "past", "total"});
  CHECK(names(whole, append->signatures()[0].outputs) == Names{"past_k"});
  CHECK(variables(*append) == Names{"past_k"});
  const auto& cache = artifact::at<rdu_variable>(append->graph(0, 0).variables, 0);
  CHECK(cache.length == RDU_NONE);
  // Only reads the caches.
  const auto attend = whole.good_part(3, 4);
  CHECK(names(whole, attend->signatures()[0].inputs) ==
        Names{"q", "past", "total", "past_k", "past_v"});
  CHECK(names(whole, attend->signatures()[0].outputs) == Names{"y"});
  CHECK(variables(*attend) == Names{});
  // All that use the variables: they are its own, and grow.
  const auto all = whole.good_part(0, 4);
  CHECK(names(whole, all->signatures()[0].inputs) == Names{"q", "k", "v"});
  CHECK(names(whole, all->signatures()[0].outputs) == Names{"y"});
  CHECK(variables(*all) == Names{"past", "past_k", "past_v"});
  CHECK(artifact::at<rdu_variable>(all->graph(0, 0).variables, 1).length == 0);
}

TEST_CASE("sections of another cut keep their payloads where they lie within the part") {
  const Whole whole(nine_patterns());
  const artifact::CutInfo& cut = whole.opened->signatures()[0].variants[0].cuts[1];
  const auto with_payload = std::ranges::find_if(
      cut.sections, [](const artifact::SectionInfo& section) { return !section.payload.empty(); });
  REQUIRE(with_payload != cut.sections.end());
  const auto sections = artifact::each<rdu_section>(whole.graph().sections);
  std::uint32_t first = 0, end = 0;
  while (sections[first].first_node < with_payload->first_node) ++first;
  while (end < sections.size() && sections[end].end_node <= with_payload->end_node) ++end;
  REQUIRE(end > first + 1);

  const auto kept = whole.good_part(first, end);
  const auto& cuts = kept->signatures()[0].variants[0].cuts;
  REQUIRE(cuts.size() == 2);
  CHECK(cuts[1].target == cut.target);
  REQUIRE(cuts[1].sections.size() == 1);
  CHECK(std::ranges::equal(cuts[1].sections[0].payload, with_payload->payload));
  CHECK(whole.good_part(first, end - 1)->signatures()[0].variants[0].cuts.size() == 1);
}

TEST_CASE("a part needs its own segments alone") {
  Whole whole(two_weights());
  REQUIRE(whole.segments.size() == 2);
  const Spans both = whole.segments;
  for (std::uint32_t section : {0u, 1u}) {
    whole.segments = both;
    whole.segments[1 - section] = {};
    const auto part = whole.good_part(section, section + 1);
    REQUIRE(part->segments().size() == 1);
    CHECK(part->segments()[0].bytes.data() == both[section].data());
    CHECK(part->verify_segments());
    const auto other = whole.part({0, 0, 1 - section, 2 - section});
    REQUIRE(!other);
    CHECK(other.error().message.find("is not given") != std::string::npos);
  }
  CHECK(!whole.part({0, 0, 0, 2}));
  CHECK(!artifact::open_artifact(whole.opened->metadata_bytes(), whole.segments));
}

TEST_CASE("segments that are copied may lie anywhere and go at once") {
  const Whole whole(two_weights());
  artifact::ArtifactPtr part;
  {
    std::vector<std::byte> odd(whole.segments[1].size() + 1);
    std::ranges::copy(whole.segments[1], odd.begin() + 1);
    const Spans segments{{}, std::span(odd).subspan(1)};
    artifact::OpenOptions options;
    CHECK(!artifact::open_part(whole.opened->metadata_bytes(), segments, {0, 0, 1, 2}, options));
    options.copy = true;
    options.verify_hashes = true;
    part = *artifact::open_part(whole.opened->metadata_bytes(), segments, {0, 0, 1, 2}, options);
    odd[1] = std::byte{0xff};
    CHECK(!artifact::open_part(whole.opened->metadata_bytes(), segments, {0, 0, 1, 2}, options));
    options.limits.max_file_bytes = 1000;
    CHECK(!artifact::open_part(whole.opened->metadata_bytes(), segments, {0, 0, 1, 2}, options));
  }
  CHECK(part->verify_segments());
}

TEST_CASE("ranges that do not exist are errors") {
  const Whole whole(two_weights());
  for (const artifact::PartRange& range :
       {artifact::PartRange{0, 0, 1, 1}, {0, 0, 0, 3}, {0, 0, 2, 1}, {1, 0, 0, 1}, {0, 1, 0, 1}}) {
    const auto part = whole.part(range);
    REQUIRE(!part);
    CHECK(part.error().code == base::Code::kInvalidArgument);
  }
}
