// The text of programs whose every line was read by a person.
#include <fstream>
#include <sstream>

#include "tests/drivers/image/samples.hpp"
#include "tests/drivers/image/support.hpp"

using namespace image_test;

namespace {

std::string golden(const std::string& name) {
  std::ifstream file(std::string(IMAGE_GOLDEN_DIR) + "/" + name + ".txt");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string printed(const rdu_hw::image::Program& program) {
  return text_of(*decoded(rdu_hw::image::write_image(program)));
}

}  // namespace

TEST_CASE("the text of small programs") {
  CHECK(printed(dot_product(1, 1024, 32)) == golden("dot_product"));
  CHECK(printed(metapipelined_map(2, 8, 256)) == golden("metapipelined_map"));
  CHECK(printed(systolic_tile(3, 64)) == golden("systolic_tile"));
}

TEST_CASE("text is cut where the buffer ends, and terminated") {
  const Image image = decoded(rdu_hw::image::write_image(dot_product(1, 1024, 32)));
  char few[8] = "1234567";
  const std::size_t whole = rdu_hw_image_print(image.get(), nullptr, 0);
  CHECK(rdu_hw_image_print(image.get(), few, sizeof few) == whole);
  CHECK(std::string(few) == "image f");
  CHECK(rdu_hw_image_print(image.get(), few, 0) == whole);
}
