// JSON to a chip: every key is known, every figure is there or inherited, and its value fits.
#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "drivers/arch/chip.hpp"
#include "drivers/arch/document.hpp"
#include "drivers/arch/fault.hpp"
#include "drivers/arch/fields.hpp"
#include "drivers/arch/value.hpp"
#include "drivers/arch/words.hpp"

namespace rdu_hw::arch {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kTopKeys[] = {"name", "about", "extends", "sources"};
constexpr std::string_view kInferred = "inferred";

const std::string& text_of(const Json& value, const std::string& place) {
  if (!value.is_string()) throw bad_value(place, "a string", shown(value.dump()));
  return value.get_ref<const std::string&>();
}

class Reader {
 public:
  Reader(const Json& document, const ParseOptions& options, const rdu_hw_arch* base)
      : document_(document), options_(options), given_(fields().size(), false) {
    if (base != nullptr) arch_ = *base;
    inherits_ = base != nullptr;
    complete_hbm_ = inherits_ && has_hbm(*base);
  }

  rdu_hw_arch read() {
    read_sources();
    read_group(document_, "");
    check_complete();
    read_name();
    return arch_;
  }

 private:
  std::string place(std::string_view path) const { return place_in(options_.origin, path); }

  void read_sources() {
    if (!document_.contains("sources")) return;
    const Json& sources = document_["sources"];
    if (!sources.is_object()) {
      throw bad_value(place("sources"), "an object of names and titles", shown(sources.dump()));
    }
    for (const auto& [name, title] : sources.items()) {
      text_of(title, place("sources." + shown(name)));
      source_names_.push_back(name);
    }
  }

  void read_group(const Json& group, const std::string& prefix) {
    for (const auto& [key, value] : group.items()) {
      if (prefix.empty() && std::ranges::find(kTopKeys, key) != std::end(kTopKeys)) continue;
      std::string path = prefix.empty() ? key : prefix + "." + key;
      if (const Field* field = find_field(path)) {
        read_figure(*field, value);
      } else if (path == kOptionalGroup && value.is_null()) {
        std::memset(&arch_.hbm, 0, sizeof arch_.hbm);
        complete_hbm_ = false;
      } else if (is_group(path)) {
        if (!value.is_object()) {
          throw bad_value(place(path), "an object of figures", shown(value.dump()));
        }
        read_group(value, path);
      } else {
        throw unknown_key(prefix, key);
      }
    }
  }

  // A bare value, or {"value": …, "source": …}.
  void read_figure(const Field& field, const Json& figure) {
    std::string path(field.key);
    const Json* value = &figure;
    if (figure.is_object()) {
      for (const auto& [key, part] : figure.items()) {
        if (key == "value" || key == "source") continue;
        throw Fault(RDU_HW_ARCH_ERR_KEY, place(path) + ": unknown key \"" + shown(key) +
                                             "\"; a figure has \"value\" and \"source\"");
      }
      if (!figure.contains("value")) {
        throw Fault(RDU_HW_ARCH_ERR_KEY, place(path) + ": \"value\" is missing");
      }
      value = &figure["value"];
      if (figure.contains("source")) text_of(figure["source"], place(path + ".source"));
    }
    if (options_.sources == Sources::kRequired) check_source(figure, path);
    set_from_json(field, *value, place(path), arch_);
    given_[static_cast<size_t>(&field - fields().data())] = true;
  }

  // "PL17 table 3", "inferred: …": the first word is one of the document's sources, or says that there is none.
  void check_source(const Json& figure, const std::string& path) const {
    std::string seen = "none";
    if (figure.is_object() && figure.contains("source")) {
      const std::string& source = figure["source"].get_ref<const std::string&>();
      std::string first = source.substr(0, source.find_first_of(" :,;("));
      if (first == kInferred || std::ranges::find(source_names_, first) != source_names_.end()) {
        return;
      }
      seen = in_quotes(source);
    }
    throw bad_value(place(path) + ".source", "one of \"sources\", or \"inferred\"", seen);
  }

  Fault unknown_key(const std::string& prefix, const std::string& key) const {
    std::vector<std::string_view> siblings;
    if (prefix.empty()) siblings.assign(std::begin(kTopKeys), std::end(kTopKeys));
    std::string_view elsewhere;
    for (const Field& field : fields()) {
      std::string_view rest = field.key;
      if (rest.substr(rest.rfind('.') + 1) == key && elsewhere.empty()) elsewhere = field.key;
      if (!prefix.empty() && !(rest.starts_with(prefix) && rest[prefix.size()] == '.')) continue;
      if (!prefix.empty()) rest.remove_prefix(prefix.size() + 1);
      siblings.push_back(rest.substr(0, rest.find('.')));
    }
    std::string hint = did_you_mean(key, siblings);
    if (hint.empty() && !elsewhere.empty()) {
      hint = "; did you mean \"" + std::string(elsewhere) + "\"?";
    }
    return {RDU_HW_ARCH_ERR_KEY, place(prefix.empty() ? "the document" : prefix) +
                                     ": unknown key \"" + shown(key) + "\"" + hint};
  }

  // Without a base everything is given, the second tier as a whole or not at all.
  void check_complete() const {
    auto needed = [&](size_t i) {
      const Field& field = fields()[i];
      if (given_[i]) return false;
      return is_optional(field) ? hbm_begun() && !complete_hbm_ : !inherits_;
    };
    size_t missing = 0;
    const Field* first = nullptr;
    for (size_t i = 0; i < fields().size(); ++i) {
      if (!needed(i)) continue;
      if (missing++ == 0) first = &fields()[i];
    }
    if (missing == 0) return;
    std::string more = missing == 1 ? "" : "; " + std::to_string(missing - 1) + " more are missing";
    throw Fault(RDU_HW_ARCH_ERR_KEY, place(first->key) + ": missing, expected " +
                                         expectation(*first) + " (" + std::string(first->meaning) +
                                         ")" + more);
  }

  bool hbm_begun() const {
    for (size_t i = 0; i < fields().size(); ++i) {
      if (given_[i] && is_optional(fields()[i])) return true;
    }
    return false;
  }

  void read_name() {
    if (document_.contains("about")) text_of(document_["about"], place("about"));
    if (document_.contains("name")) {
      return set_chip_name(arch_, text_of(document_["name"], place("name")), place("name"));
    }
    if (!inherits_) {
      throw Fault(RDU_HW_ARCH_ERR_KEY, place("name") + ": missing, expected a short name");
    }
    mark_changed(arch_);
  }

  const Json& document_;
  const ParseOptions& options_;
  std::vector<bool> given_;
  std::vector<std::string> source_names_;
  rdu_hw_arch arch_ = {};
  bool inherits_ = false;
  bool complete_hbm_ = false;  // there is a second tier to inherit from
};

}  // namespace

rdu_hw_arch parse_chip(std::string_view text, const ParseOptions& options) {
  Json document = read_document(text, options.origin);
  rdu_hw_arch base = {};
  bool inherits = document.contains("extends");
  if (inherits) {
    std::string place = place_in(options.origin, "extends");
    const std::string& name = text_of(document["extends"], place);
    if (is_path(name) && options.files == Files::kNone) {
      throw bad_value(place, "the name of a preset", in_quotes(name));
    }
    base = load_chip(name, options);
  }
  rdu_hw_arch arch = Reader(document, options, inherits ? &base : nullptr).read();
  validate_chip(arch, options.origin);
  return arch;
}

}  // namespace rdu_hw::arch
