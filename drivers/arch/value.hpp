// One figure's value: from JSON or from the text of an override, and back to text.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "drivers/arch/fields.hpp"

namespace rdu_hw::arch {

// Stores the value; throws a Fault that begins with `place`.
void set_from_json(const Field& field, const nlohmann::json& value, const std::string& place,
                   rdu_hw_arch& arch);
void set_from_text(const Field& field, std::string_view text, const std::string& place,
                   rdu_hw_arch& arch);

// What a figure may be, for messages and the manual: "an integer from 1 to 64".
std::string expectation(const Field& field);

// As it stands in JSON: 16, "routed", ["fp32", "int32"], "2500/3".
std::string json_text(const Field& field, const rdu_hw_arch& arch);

// As people read it: 256 KiB, 1.32 GHz, fp32 int32.
std::string plain_text(const Field& field, const rdu_hw_arch& arch);

// Letters, digits and "._+-", 1 to 31 of them: names need no escapes anywhere.
bool is_name(std::string_view text);

}  // namespace rdu_hw::arch
