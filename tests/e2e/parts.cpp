// parts DEVICE MODEL.rdu: every variant, cut into parts, gives the bits of the whole. On reference: the parts begin at
// seeded places. A device that decides by its neighbours how to compute a node is given the whole as a program over several
// devices, whose shares say where the parts begin.
#include <algorithm>
#include <cstdio>
#include <random>
#include <string_view>

#include "sdk/artifact/reader.hpp"
#include "tests/e2e/split_model.hpp"

using namespace rdu;

namespace {

using Starts = std::vector<std::uint32_t>;

constexpr std::uint32_t kPairs = 5, kRuns = 2, kMostSingle = 40;

// Two parts at some places, four at others, and where there are not too many every section by itself.
std::vector<Starts> seeded_splits(std::uint32_t sections) {
  std::vector<Starts> all{{0}};
  std::mt19937 random(17);
  const auto place = [&] { return 1 + static_cast<std::uint32_t>(random() % (sections - 1)); };
  if (sections < 2) return all;
  for (std::uint32_t i = 0; i < kPairs; ++i) all.push_back({0, place()});
  Starts four{0, place(), place(), place()};
  std::sort(four.begin(), four.end());
  four.erase(std::unique(four.begin(), four.end()), four.end());
  all.push_back(four);
  if (sections > kMostSingle) return all;
  all.emplace_back();
  for (std::uint32_t s = 0; s < sections; ++s) all.back().push_back(s);
  return all;
}

bool same(testing::SplitModel& model, const Starts& starts) {
  using Variables = testing::SplitModel::Variables;
  std::string difference = model.run_parts(starts, Variables::kStates);
  if (difference.empty()) difference = model.run_parts(starts, Variables::kTensors);
  std::printf("%zu parts of %u sections, the last from %u on: %s\n", starts.size(),
              model.num_sections(), starts.back(),
              difference.empty() ? "same bits" : difference.c_str());
  return difference.empty();
}

bool same_at_seeded_places(testing::SplitModel& model) {
  model.run_whole(kRuns);
  bool all = true;
  for (const Starts& starts : seeded_splits(model.num_sections())) all &= same(model, starts);
  return all;
}

bool same_by_shares(testing::SplitModel& model) {
  bool all = true;
  for (const Starts& shares : {Starts{1}, {1, 1}, {3, 1}, {1, 3}, {2, 1, 1}, {1, 1, 1, 1, 1, 1}}) {
    all &= same(model, model.run_whole(kRuns, shares));
  }
  return all;
}

int run(const char* device, const char* path) {
  const auto file = artifact::open_artifact(std::string(path));
  if (!file) throw std::runtime_error(file.error().message);
  bool all = true;
  for (std::uint32_t s = 0; s < (*file)->signatures().size(); ++s) {
    for (std::uint32_t v = 0; v < (*file)->signatures()[s].variants.size(); ++v) {
      testing::SplitModel model(**file, s, v, device);
      const bool exact = std::string_view(device) == "reference:";
      all &= exact ? same_at_seeded_places(model) : same_by_shares(model);
    }
  }
  return all ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: parts DEVICE MODEL.rdu\n");
    return 2;
  }
  try {
    return run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "parts: %s\n", error.what());
    return 1;
  }
}
