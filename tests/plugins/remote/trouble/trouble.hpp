// What to say to the device "trouble:".
#pragma once

namespace rdu::trouble {

inline constexpr float kAbort = 666.0f;
inline constexpr float kCrash = 667.0f;  // a write to nowhere
inline constexpr float kExit = 668.0f;
inline constexpr float kHang = 669.0f;  // deaf to everything

}  // namespace rdu::trouble
