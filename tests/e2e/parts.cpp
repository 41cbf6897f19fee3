// parts DEVICE MODEL.rdu: every variant, cut into parts at seeded places, gives the bits of the whole.
#include <algorithm>
#include <cstdio>
#include <random>

#include "sdk/artifact/reader.hpp"
#include "tests/e2e/split_model.hpp"

using namespace rdu;

namespace {

constexpr std::uint32_t kPairs = 5, kRuns = 2, kMostSingle = 40;

// Two parts at some places, four at others, and where there are not too many every section by itself.
std::vector<std::vector<std::uint32_t>> splits(std::uint32_t sections) {
  std::vector<std::vector<std::uint32_t>> all{{0}};
  std::mt19937 random(17);
  const auto place = [&] { return 1 + static_cast<std::uint32_t>(random() % (sections - 1)); };
  if (sections < 2) return all;
  for (std::uint32_t i = 0; i < kPairs; ++i) all.push_back({0, place()});
  std::vector<std::uint32_t> four{0, place(), place(), place()};
  std::sort(four.begin(), four.end());
  four.erase(std::unique(four.begin(), four.end()), four.end());
  all.push_back(four);
  if (sections > kMostSingle) return all;
  all.emplace_back();
  for (std::uint32_t s = 0; s < sections; ++s) all.back().push_back(s);
  return all;
}

int run(const char* device, const char* path) {
  const auto file = artifact::open_artifact(std::string(path));
  if (!file) throw std::runtime_error(file.error().message);
  int failures = 0;
  for (std::uint32_t s = 0; s < (*file)->signatures().size(); ++s) {
    for (std::uint32_t v = 0; v < (*file)->signatures()[s].variants.size(); ++v) {
      testing::SplitModel model(**file, s, v, device);
      model.run_whole(kRuns);
      for (const auto& starts : splits(model.num_sections())) {
        const std::string difference = model.run_parts(starts);
        std::printf("variant %u: %zu parts of %u sections, the last from %u on: %s\n", v,
                    starts.size(), model.num_sections(), starts.back(),
                    difference.empty() ? "same bits" : difference.c_str());
        failures += difference.empty() ? 0 : 1;
      }
    }
  }
  return failures == 0 ? 0 : 1;
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
