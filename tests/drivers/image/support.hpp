// Short ways to encode, decode and refuse.
#pragma once

#include <rdu_hw/config.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "drivers/image/program.hpp"

namespace image_test {

struct Free {
  void operator()(rdu_hw_image* image) const { rdu_hw_image_free(image); }
};
using Image = std::unique_ptr<rdu_hw_image, Free>;
using Bytes = std::vector<std::uint8_t>;

rdu_hw_arch chip(const std::string& name, std::vector<const char*> settings = {});
// What random programs are run on: routed and ideal, narrow and wide, scarce and plenty, with two tiers of memory.
std::vector<rdu_hw_arch> small_chips();

Image decoded(const Bytes& bytes);
// "4 message", or "0" where it decodes (and runs on a chip).
std::string decode_answer(const Bytes& bytes);
std::string answer(const rdu_hw_image& image, const rdu_hw_arch& arch);
std::string answer(const rdu_hw::image::Program& program, const rdu_hw_arch& arch);
std::string text_of(const rdu_hw_image& image);

}  // namespace image_test
