// Says what a model wants and gives, then asks it what a drawn seven is. Usage: hello_cpp digits.rdu
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <rdu/rdu.hpp>
#include <span>
#include <stdexcept>
#include <string>

namespace {

constexpr std::size_t kSide = 28;

struct Picture {
  alignas(64) std::array<float, kSide * kSide> pixels{};  // aligned: used in place, not copied
  float& at(std::size_t y, std::size_t x) { return pixels[y * kSide + x]; }
};

// White on black, a bar and a slanted stroke.
Picture draw_seven() {
  Picture picture;
  for (std::size_t x = 7; x < 20; ++x) picture.at(5, x) = picture.at(6, x) = 1;
  for (std::size_t y = 7; y < 24; ++y) {
    picture.at(y, 21 - y / 2) = picture.at(y, 22 - y / 2) = 1;
  }
  return picture;
}

void describe(const char* role, const rdu::ValueInfo& value) {
  std::string shape;
  for (const std::int64_t extent : value.shape) {
    shape += (shape.empty() ? "" : ", ") + std::to_string(extent);
  }
  std::printf("%-7s %s: %s [%s]\n", role, value.name.c_str(), rdu_dtype_name(value.dtype),
              shape.c_str());
}

void classify(const std::string& path) {
  const rdu::Context context;
  const rdu::Artifact artifact = context.open_artifact(path);
  for (const rdu::ValueInfo& value : artifact.inputs()) describe("input", value);
  for (const rdu::ValueInfo& value : artifact.outputs()) describe("output", value);

  const rdu::Program program(artifact, {context.open_device("cpu:")});
  const Picture picture = draw_seven();
  const rdu::Outputs outputs = program.run({rdu::input(picture.pixels, {1, 1, kSide, kSide})});
  const std::span<const float> scores = outputs[0].data<float>();
  if (scores.empty())
    throw std::runtime_error("the output '" + artifact.outputs()[0].name + "' is not f32");
  const auto best = std::max_element(scores.begin(), scores.end());
  std::printf("digit %td (%.1f %%)\n", best - scores.begin(), 100 * *best);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s digits.rdu\n", argv[0]);
    return 2;
  }
  try {
    classify(argv[1]);
    return 0;
  } catch (const rdu::Error& error) {
    std::fprintf(stderr, "%s: %s\n", error.code_name(), error.what());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  return 1;
}
