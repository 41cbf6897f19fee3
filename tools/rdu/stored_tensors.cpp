// Names of tensors as names of files, there and back.
#include "tools/rdu/stored_tensors.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "tools/rdu/error.hpp"
#include "tools/rdu/io/npy.hpp"
#include "tools/rdu/io/tensor_proto.hpp"

namespace rdu::tool {

namespace fs = std::filesystem;

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20; }

std::string flat(const std::string& name) {
  std::string stem = name;
  std::ranges::replace_if(
      stem, [](char c) { return c == '/' || is_control(c); }, '_');
  return stem;
}

std::string encoded(const std::string& name) {
  constexpr const char* kDigits = "0123456789ABCDEF";
  std::string stem;
  for (const char c : name) {
    if (c == '/' || c == '%' || is_control(c)) {
      const auto byte = static_cast<unsigned char>(c);
      stem += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    } else {
      stem += c;
    }
  }
  return stem;
}

std::string decoded(const std::string& stem) {
  std::string name;
  for (std::size_t i = 0; i < stem.size(); ++i) {
    const bool escape = stem[i] == '%' && i + 2 < stem.size() &&
                        std::isxdigit(static_cast<unsigned char>(stem[i + 1])) &&
                        std::isxdigit(static_cast<unsigned char>(stem[i + 2]));
    if (escape) {
      name += static_cast<char>(std::stoi(stem.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      name += stem[i];
    }
  }
  return name;
}

// Everything that a file of a tensor may be called, without the extension.
std::map<std::string, std::string> known_stems(std::span<const std::string> names) {
  std::map<std::string, std::string> known;
  for (const auto& [name, stem] : file_stems(names)) known[stem] = name;
  for (const std::string& name : names) {
    known[name] = name;
    known[name.substr(std::min(name.find_first_not_of('/'), name.size()))] = name;
  }
  return known;
}

}  // namespace

std::map<std::string, std::string> file_stems(std::span<const std::string> tensors) {
  const std::set<std::string> distinct(tensors.begin(), tensors.end());
  std::map<std::string, int> uses;
  for (const std::string& name : distinct) ++uses[flat(name)];
  std::map<std::string, std::string> stems;
  for (const std::string& name : distinct) {
    const std::string stem = flat(name);
    stems[name] = uses[stem] == 1 ? stem : encoded(name);
  }
  return stems;
}

StoredTensors::StoredTensors(const fs::path& dir, std::span<const std::string> names) {
  const auto known = known_stems(names);
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::recursive_directory_iterator at(dir, error), end; !error && at != end;
       at.increment(error)) {
    const fs::path extension = at->path().extension();
    if (extension == ".npy" || extension == ".pb") found.push_back(at->path());
  }
  if (error) throw ToolError(dir.string() + ": " + error.message());
  std::ranges::sort(found);
  for (const fs::path& path : found) {
    const fs::path inside = path.lexically_relative(dir);
    const std::string stem = fs::path(inside).replace_extension().generic_string();
    auto name = known.find(stem);
    if (name == known.end()) name = known.find(decoded(stem));
    if (name == known.end()) {
      strangers_.push_back(inside.string());
    } else {
      files_.try_emplace(name->second, path);
    }
  }
  if (!files_.empty()) return;
  throw ToolError(dir.string() + ": none of " + std::to_string(found.size()) +
                  " .npy and .pb files is called after a tensor of the model" +
                  (names.empty() ? "" : ", for example '" + flat(names.front()) + ".npy'"));
}

HostTensor read_stored(const fs::path& path) {
  return path.extension() == ".npy" ? read_npy(path) : read_tensor_proto(path);
}

}  // namespace rdu::tool
