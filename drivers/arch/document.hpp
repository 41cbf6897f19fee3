// JSON from anybody: bounded in size and depth, every key once, errors with line and column.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace rdu_hw::arch {

inline constexpr size_t kMaxDocumentBytes = 256 * 1024;
inline constexpr int kMaxDocumentDepth = 8;

// The document's object. `origin` begins the messages of the Faults it throws; "" for none.
nlohmann::json read_document(std::string_view text, const std::string& origin);

// A whole file, which must be a regular one of at most kMaxDocumentBytes.
std::string read_file(const std::string& path);

// "ORIGIN: PATH" or whichever of the two is there.
std::string place_in(const std::string& origin, std::string_view path);

}  // namespace rdu_hw::arch
