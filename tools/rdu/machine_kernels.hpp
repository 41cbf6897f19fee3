// Loops that do nothing but compute or read, as fast as this machine can.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rdu::tool {

struct MachineKernels {
  // Each runs `rounds` times and returns something that depends on all its work. NULL: not on this machine.
  float (*fp32)(std::uint64_t rounds);
  float (*bf16)(std::uint64_t rounds);
  float (*int8)(std::uint64_t rounds);
  double fp32_operations, bf16_operations, int8_operations;  // of one round
  // Reads all of the memory, which is a multiple of 4096 bytes.
  float (*read)(const void* memory, std::size_t bytes);
};

MachineKernels machine_kernels();

}  // namespace rdu::tool
