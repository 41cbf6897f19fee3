// Reads JSON defensively; what passes is a tree of known depth without duplicate keys.
#include "drivers/arch/document.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "drivers/arch/fault.hpp"
#include "drivers/arch/words.hpp"

namespace rdu_hw::arch {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

// Watches the parser's events for what JSON itself allows and we do not.
class Watch {
 public:
  explicit Watch(const std::string& origin) : origin_(origin) {}

  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kMaxDocumentDepth) {
      throw Fault(RDU_HW_ARCH_ERR_SYNTAX,
                  place_in(origin_, "nested deeper than " + std::to_string(kMaxDocumentDepth)));
    }
    if (event == Json::parse_event_t::object_start) keys_.emplace_back();
    if (event == Json::parse_event_t::object_end) keys_.pop_back();
    if (event == Json::parse_event_t::key) add_key(parsed.get_ref<const std::string&>());
    return true;
  }

 private:
  void add_key(const std::string& key) {
    if (keys_.back().insert(key).second) return;
    throw Fault(RDU_HW_ARCH_ERR_KEY,
                place_in(origin_, "\"" + shown(key) + "\" is given twice in one object"));
  }

  const std::string& origin_;
  std::vector<std::set<std::string>> keys_;
};

std::string line_and_column(std::string_view text, size_t byte) {
  std::string_view before = text.substr(0, byte == 0 ? 0 : byte - 1);
  size_t line = 1 + static_cast<size_t>(std::ranges::count(before, '\n'));
  size_t start = before.rfind('\n');
  size_t column = start == std::string_view::npos ? before.size() : before.size() - start - 1;
  return "line " + std::to_string(line) + ", column " + std::to_string(column + 1);
}

}  // namespace

std::string place_in(const std::string& origin, std::string_view path) {
  if (origin.empty()) return std::string(path);
  return path.empty() ? origin : origin + ": " + std::string(path);
}

Json read_document(std::string_view text, const std::string& origin) {
  if (text.size() > kMaxDocumentBytes) {
    throw Fault(RDU_HW_ARCH_ERR_SYNTAX,
                place_in(origin, "expected at most " + std::to_string(kMaxDocumentBytes) +
                                     " bytes of JSON, got " + std::to_string(text.size())));
  }
  try {
    Json document = Json::parse(text, Watch(origin));
    if (document.is_object()) return document;
    throw bad_value(place_in(origin, "the document"), "an object", shown(document.dump()));
  } catch (const Json::parse_error& error) {
    throw Fault(RDU_HW_ARCH_ERR_SYNTAX,
                place_in(origin, "not JSON at " + line_and_column(text, error.byte)));
  } catch (const Json::exception& error) {  // a number that no double can hold
    throw Fault(RDU_HW_ARCH_ERR_SYNTAX, place_in(origin, shown(error.what())));
  }
}

std::string read_file(const std::string& path) {
  std::error_code error;
  fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    throw Fault(RDU_HW_ARCH_ERR_NOT_FOUND, path + ": no such file");
  }
  if (!fs::is_regular_file(status)) {
    throw Fault(RDU_HW_ARCH_ERR_IO, path + ": expected a regular file");
  }
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxDocumentBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.eof() && file.fail()) throw Fault(RDU_HW_ARCH_ERR_IO, path + ": cannot be read");
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

}  // namespace rdu_hw::arch
