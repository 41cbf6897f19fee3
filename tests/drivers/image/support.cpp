// Short ways to encode, decode and refuse.
#include "tests/drivers/image/support.hpp"

namespace image_test {

rdu_hw_arch chip(const std::string& name, std::vector<const char*> settings) {
  rdu_hw_arch arch;
  rdu_hw_arch_error error = {};
  rdu_hw_arch_code code = rdu_hw_arch_load(name.c_str(), &arch, &error);
  if (code == RDU_HW_ARCH_OK) {
    code = rdu_hw_arch_override(&arch, settings.data(), settings.size(), &error);
  }
  INFO(name << ": " << error.text);
  REQUIRE(code == RDU_HW_ARCH_OK);
  return arch;
}

Image decoded(const Bytes& bytes) {
  rdu_hw_image* image = nullptr;
  rdu_hw_image_error error = {};
  const auto code = rdu_hw_image_decode(bytes.data(), bytes.size(), &image, &error);
  INFO(error.text);
  REQUIRE(code == RDU_HW_IMAGE_OK);
  return Image(image);
}

std::string decode_answer(const Bytes& bytes) {
  rdu_hw_image* image = nullptr;
  rdu_hw_image_error error = {};
  const auto code = rdu_hw_image_decode(bytes.data(), bytes.size(), &image, &error);
  const Image owner(image);
  return code == RDU_HW_IMAGE_OK ? "0" : std::to_string(code) + " " + error.text;
}

std::string answer(const rdu_hw_image& image, const rdu_hw_arch& arch) {
  rdu_hw_image_error error = {};
  const auto code = rdu_hw_image_validate(&image, &arch, &error);
  return code == RDU_HW_IMAGE_OK ? "0" : std::to_string(code) + " " + error.text;
}

std::string answer(const rdu_hw::image::Program& program, const rdu_hw_arch& arch) {
  const Bytes bytes = rdu_hw::image::write_image(program);
  const std::string decode = decode_answer(bytes);
  return decode == "0" ? answer(*decoded(bytes), arch) : decode;
}

std::string text_of(const rdu_hw_image& image) {
  std::string text(rdu_hw_image_print(&image, nullptr, 0), '\0');
  rdu_hw_image_print(&image, text.data(), text.size() + 1);
  return text;
}

}  // namespace image_test
