// How much storage is alive while the nodes of a graph run in an order.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sdk/artifact/model.hpp"

namespace rducc::analysis {

// What running a node does to the storage in use.
class LiveBytes {
 public:
  LiveBytes(const rdu::artifact::Variant& variant, std::uint32_t graph);

  // If the node ran next: bytes that it would be the first to write, and that nobody would need after.
  std::int64_t allocated_by(std::uint32_t node) const;
  std::int64_t freed_by(std::uint32_t node) const;
  void run(std::uint32_t node);

  std::int64_t peak() const { return peak_; }

 private:
  struct Storage {
    std::int64_t bytes = 0;
    std::size_t num_readers = 0;  // that have not run
    bool written = false;
    bool kept = false;  // bound by the caller or read after the graph
  };
  std::vector<std::vector<rdu::artifact::ValueId>> reads_, writes_;  // by node: distinct owners
  std::vector<Storage> storages_;
  std::int64_t live_ = 0;
  std::int64_t peak_ = 0;
};

}  // namespace rducc::analysis
