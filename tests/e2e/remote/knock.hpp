// Knocking at a door many times: with a key, as any ZeroMQ client does, or with bytes of one's own making.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "plugins/remote/wire/link.hpp"

namespace rdu::remote::drill {

// Every attempt ends in one of these. `silent`: nobody said anything for a while, which is no welcome either.
struct Knocks {
  std::uint64_t accepted = 0, refused = 0, silent = 0;
};

// Whoever serves the door in this process is called between steps.
using Meanwhile = std::function<void()>;

// Each connects and speaks at once.
Knocks knock_with_keys(const std::shared_ptr<Context>& context, const std::string& endpoint,
                       std::uint64_t attempts,
                       const std::function<std::optional<CurveClient>()>& keys,
                       const Meanwhile& meanwhile = {});
// Each says the same, without waiting for an answer.
Knocks knock_with_bytes(const std::string& endpoint, std::uint64_t attempts,
                        const std::string& bytes, const Meanwhile& meanwhile = {});

// Every connection takes a few descriptors on this side, and closes in its own time.
void raise_file_limit();

}  // namespace rdu::remote::drill
