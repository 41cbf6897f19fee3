// Who writes what: the result of checking that every value has one origin and is used after it.
#pragma once

#include <cstdint>
#include <vector>

namespace rdu::artifact {

inline constexpr std::uint32_t kEverywhere = 0xfffffffe;  // home of constants

struct Flow {
  struct Writer {
    std::uint32_t node;
    std::uint32_t write;  // in the array of writes
  };
  struct Storage {
    std::uint32_t home;          // the graph it belongs to, kEverywhere, or RDU_NONE: nobody has it
    std::uint32_t written_as;    // the one value of this storage that is written, or RDU_NONE
    std::uint32_t first_writer;  // in `writers`, which are grouped by storage and ascending by node
    std::uint32_t num_writers;
    bool variable;  // what a variable is before the run: there before any node
  };
  std::vector<Storage> storages;  // by value; meaningful for those that own their storage
  std::vector<Writer> writers;
};

}  // namespace rdu::artifact
