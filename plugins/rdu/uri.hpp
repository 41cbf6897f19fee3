// What a device URI asks for: rdu:sn10, rdu:FILE.json, rdu:edge?pcu.lanes=8&granularity=vector&memory=FILE.
#pragma once

#include <rdu_hw/arch.h>
#include <rdu_hw/driver.h>

#include <rdu/plugin/status.hpp>
#include <rdu/plugin/uri.hpp>
#include <string>

namespace rdu::chip_plugin {

struct Request {
  rdu_hw_arch arch = {};
  std::uint32_t granularity = RDU_HW_GRANULARITY_BLOCK;
  bool timing_only = false;
  std::string memory_file;  // "": the host's memory
};

// Options that are not the device's own are figures of the chip.
plugin::Result<Request> read_request(const plugin::Uri& uri);

}  // namespace rdu::chip_plugin
