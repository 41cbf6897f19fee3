// Whole files in and out.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace rdu::tool {

// Throws ToolError with the path and the system's reason.
std::vector<std::byte> read_file(const std::filesystem::path& path);

// Its first bytes, at most `count`.
std::vector<std::byte> read_beginning(const std::filesystem::path& path, std::size_t count);

// Written beside the path and renamed, so that a reader never sees half a file.
void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_text(const std::filesystem::path& path, const std::string& text);

}  // namespace rdu::tool
