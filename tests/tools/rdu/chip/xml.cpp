// Reads the XML that pictures are: elements, attributes in double quotes, text, the five entities.
#include <array>
#include <stdexcept>

#include "tests/tools/rdu/chip/works.hpp"

namespace chip_test {

namespace {

class XmlReader {
 public:
  explicit XmlReader(const std::string& text) : text_(text) {}

  std::vector<XmlElement> run() {
    if (take("<?xml")) until("?>");
    while (at_ < text_.size()) {
      if (take("</")) {
        const std::string tag = until(">");
        expect(!open_.empty() && elements_[open_.back()].tag == tag, "</" + tag + ">");
        open_.pop_back();
        closed_root_ = open_.empty();
      } else if (take("<")) {
        read_element();
      } else {
        read_text();
      }
    }
    expect(open_.empty() && closed_root_, "the end");
    return elements_;
  }

 private:
  void expect(bool good, const std::string& what) const {
    if (!good) throw std::runtime_error("at " + std::to_string(at_) + ": " + what);
  }
  bool take(const std::string& word) {
    if (text_.compare(at_, word.size(), word) != 0) return false;
    at_ += word.size();
    return true;
  }
  std::string until(const std::string& word) {
    const std::size_t end = text_.find(word, at_);
    expect(end != std::string::npos, "no " + word);
    const std::string between = text_.substr(at_, end - at_);
    at_ = end + word.size();
    return between;
  }
  std::string name() {
    const std::size_t end = text_.find_first_of(" />=\n", at_);
    const std::string name = text_.substr(at_, end - at_);
    expect(!name.empty(), "a name");
    at_ = end;
    return name;
  }

  void read_element() {
    expect(!closed_root_, "a second root");
    XmlElement element;
    element.tag = name();
    while (take(" ")) {
      const std::string key = name();
      expect(take("=\""), "=\"");
      expect(element.attribute(key).empty(), "twice: " + key);
      element.attributes.emplace_back(key, plain(until("\"")));
    }
    elements_.push_back(element);
    if (take("/>")) return;
    expect(take(">"), ">");
    open_.push_back(elements_.size() - 1);
  }

  void read_text() {
    const std::size_t end = std::min(text_.find('<', at_), text_.size());
    const std::string found = plain(text_.substr(at_, end - at_));
    at_ = end;
    if (!open_.empty()) {
      elements_[open_.back()].text += found;
    } else {
      expect(found.find_first_not_of(" \n") == std::string::npos, "text outside");
    }
  }

  std::string plain(const std::string& text) const {
    static const std::array<std::pair<std::string, char>, 4> kEntities = {
        {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}}};
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
      expect(text[i] != '<', "< in text");
      const auto byte = static_cast<unsigned char>(text[i]);
      expect(byte >= 0x20 || byte == '\n' || byte == '\t', "a control character");
      char c = text[i];
      std::size_t length = 1;
      if (c == '&') {
        length = 0;
        for (const auto& [entity, meant] : kEntities) {
          if (text.compare(i, entity.size(), entity) != 0) continue;
          length = entity.size();
          c = meant;
        }
        expect(length != 0, "an entity: " + text.substr(i, 8));
      }
      out += c;
      i += length;
    }
    return out;
  }

  const std::string& text_;
  std::size_t at_ = 0;
  bool closed_root_ = false;
  std::vector<XmlElement> elements_;
  std::vector<std::size_t> open_;
};

}  // namespace

std::string XmlElement::attribute(const std::string& name) const {
  for (const auto& [key, value] : attributes) {
    if (key == name) return value;
  }
  return "";
}

std::vector<XmlElement> read_xml(const std::string& text) { return XmlReader(text).run(); }

}  // namespace chip_test
