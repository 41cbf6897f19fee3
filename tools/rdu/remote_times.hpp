// Where the time of a run on a peer goes: on the wire, in the peer's queue, on its device.
#pragma once

#include <rdu/rdu.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace rdu::tool {

// Traces some runs. {"wire_ms", "queue_ms", "device_ms"}, each the median of what one run has of it; an empty object where
// no peer took part.
nlohmann::json remote_times(rdu_context* context, const std::function<void()>& run);

// The same as a line for people.
std::string remote_text(const nlohmann::json& times);

}  // namespace rdu::tool
