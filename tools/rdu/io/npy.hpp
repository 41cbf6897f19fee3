// NumPy's .npy files and the .npz archives of them.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "tools/rdu/io/host_tensor.hpp"

namespace rdu::tool {

// Little-endian, C or Fortran order, versions 1 to 3; bfloat16 has no NumPy dtype and is written as uint16.
HostTensor decode_npy(std::span<const std::byte> bytes);
HostTensor read_npy(const std::filesystem::path& path);
void write_npy(const std::filesystem::path& path, const HostTensor& tensor);

// Entries by name, without ".npy"; stored or deflated.
std::map<std::string, HostTensor> read_npz(const std::filesystem::path& path);

}  // namespace rdu::tool
