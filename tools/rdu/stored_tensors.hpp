// A folder with tensors of the source model, a file each, named after them.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tools/rdu/io/host_tensor.hpp"

namespace rdu::tool {

// What the file of each tensor is called, without ".npy": its name with "_" for "/" and control characters. Where two
// tensors would have one name both keep it apart with %2F for "/" (and %25 for "%").
std::map<std::string, std::string> file_stems(std::span<const std::string> tensors);

class StoredTensors {
 public:
  // Looks for NAME.npy and NAME.pb of the tensors in `names`: as file_stems calls them, as a path of folders, or
  // percent-encoded. Throws ToolError where the folder cannot be read or holds none of them.
  StoredTensors(const std::filesystem::path& dir, std::span<const std::string> names);

  const std::map<std::string, std::filesystem::path>& files() const { return files_; }  // by tensor
  // Files that are no tensor of the model, relative to the folder.
  const std::vector<std::string>& strangers() const { return strangers_; }

 private:
  std::map<std::string, std::filesystem::path> files_;
  std::vector<std::string> strangers_;
};

HostTensor read_stored(const std::filesystem::path& path);

}  // namespace rdu::tool
