// Values on their way between host buffers, or host memory, and the arguments of an image.
#pragma once

#include <cstddef>
#include <rdu/plugin/status.hpp>
#include <vector>

#include "plugins/rdu/memory_plan.hpp"

namespace rdu::chip_plugin {

// Room for a piece of a value in both forms; a run uses one, and it is made once.
class Staging {
 public:
  static constexpr std::uint64_t kElements = 1 << 16;
  std::byte* host() { return host_.data(); }
  std::byte* chip() { return chip_.data(); }
  void reserve() {
    host_.resize(kElements * 8);
    chip_.resize(kElements * 4);
  }
  std::uint64_t bytes() const { return host_.size() + chip_.size(); }

 private:
  std::vector<std::byte> host_, chip_;
};

// From the host's memory to a region or a word.
plugin::Status upload(const Owner& owner, Staging& staging, const char* name,
                      const rdu_hw_binding& binding, const void* host, std::uint32_t tier,
                      std::uint64_t address);
plugin::Status word_of(const char* name, const rdu_hw_binding& binding, const void* host,
                       std::uint32_t* out_word);

// Between a buffer, of which `from` or `to` is the value's first byte, and a region or a word of its own.
plugin::Status move_in(const Owner& owner, Staging& staging, const char* name, const Moved& moved,
                       std::uint64_t from, rdu_hw_bound& bound);
plugin::Status move_out(const Owner& owner, Staging& staging, const char* name, const Moved& moved,
                        const rdu_hw_run* run, std::uint64_t to);

}  // namespace rdu::chip_plugin
