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

std::vector<rdu_hw_arch> small_chips() {
  return {
      chip("edge"),
      chip("edge", {"network.kind=ideal", "pmu.vector_reads=2", "agcu.count=4"}),
      // Whatever can be scarce is.
      chip("edge", {"name=scarce", "pcu.lanes=4", "pmu.banks=8", "pcu.systolic_rows=4",
                    "pcu.systolic_columns=3", "pcu.reduce_cycles=2", "agcu.outstanding=8",
                    "agcu.coalescing_entries=9", "agcu.dram_cycles=3", "network.cycles_per_hop=3",
                    "network.buffers_per_hop=1", "pcu.ports.vector_fifo_depth=2",
                    "pmu.ports.vector_fifo_depth=1", "agcu.ports.vector_fifo_depth=1",
                    "pcu.ports.scalar_fifo_depth=1", "dram.queue_depth=3", "dram.channels=2",
                    "dram.capacity_bytes=4GiB", "dram.timing.refi=1500"}),
      // Wide vectors: an element of four bytes times 64 lanes are several bursts.
      chip("edge", {"name=wide", "pcu.lanes=64", "pmu.banks=32", "pmu.address_cycles=2",
                    "agcu.outstanding=256", "agcu.coalescing_entries=300", "pcu.stages=9",
                    "clock_hz=1.5GHz"}),
      chip("plasticine", {"grid.rows=4", "grid.columns=6", "agcu.count=6"}),
      chip("sn40l", {"name=two-tiers", "grid.tile_columns=1", "grid.rows=4", "grid.columns=6",
                     "agcu.count=6", "load.argument_cycles=100"}),
  };
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
