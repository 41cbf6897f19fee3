// Twelve hues of one lightness and chroma (OKLCH), in three lightnesses.
#include "tools/rdu/chip/palette.hpp"

#include <array>

namespace rdu::tool {

namespace {

constexpr std::size_t kHues = 12;
constexpr std::array<const char*, 3 * kHues> kColours = {
    "#579de2", "#8a8fe4", "#b081d2", "#cb78b0", "#d97587", "#d97c5b", "#c98935", "#aa992e",
    "#7ea750", "#43b07d", "#00b0a9", "#00a9cd", "#3772ac", "#6366ad", "#825b9e", "#985383",
    "#a45160", "#a3563b", "#976213", "#7e6f08", "#597b31", "#218258", "#00827d", "#007c9b",
    "#91c3f6", "#b2b8f7", "#d0aeea", "#e6a7d0", "#f1a6b0", "#f1aa92", "#e3b47d", "#cbc07b",
    "#abca8c", "#89d0aa", "#73d1ca", "#77cce6"};

constexpr const char* kStyle = R"css(
text{font-family:system-ui,-apple-system,'Segoe UI','DejaVu Sans',Helvetica,Arial,sans-serif;fill:#1d232b}
.paper{fill:#ffffff}
.tile{fill:#f3f4f6}
.idle{fill:#e4e7eb}
.switch{fill:#bcc3cc}
.cell{fill:#ffffff}
.seat{fill:none;stroke:#8d97a3}
.line{stroke:#d5dae0;stroke-width:1}
.gauge{fill:#4a5563}
.muted{fill:#6b7480}
.strong{font-weight:600}
.end{text-anchor:end}
.mid{text-anchor:middle}
.halo{paint-order:stroke;stroke:#ffffff;stroke-width:2.5;stroke-linejoin:round}
.tint{fill-opacity:.42}
.route{fill:none;stroke-linecap:round;stroke-linejoin:round}
.far{stroke-opacity:.55}
.scalar{stroke-dasharray:4 2.4}
.control{stroke-dasharray:.1 2.8}
.route:hover{stroke:#e0245e;stroke-opacity:1}
.none{fill:#8d97a3}
.snone{stroke:#8d97a3}
.p0{fill:#aab2bd}
.p1{fill:#c9a86a}
.p2{fill:#5b8fc9}
.p3{fill:#d98a8a}
)css";

constexpr const char* kDarkStyle = R"css(@media (prefers-color-scheme:dark){
text{fill:#e6e9ee}
.paper{fill:#13161b}
.tile{fill:#1b2027}
.idle{fill:#272d36}
.switch{fill:#454e5a}
.cell{fill:#13161b}
.line{stroke:#333b46}
.gauge{fill:#b7c0cc}
.muted{fill:#98a2ae}
.halo{stroke:#13161b}
}
)css";

}  // namespace

std::size_t colour_of(std::size_t group, std::size_t num_groups) {
  return num_groups <= kHues ? group * kHues / num_groups : group % kColours.size();
}

std::string style_sheet() {
  std::string text = kStyle;
  for (std::size_t i = 0; i < kColours.size(); ++i) {
    const std::string number = std::to_string(i), colour = kColours[i];
    text += ".f" + number + "{fill:" + colour + "}.s" + number + "{stroke:" + colour + "}\n";
  }
  return text + kDarkStyle;
}

}  // namespace rdu::tool
