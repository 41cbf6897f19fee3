// Pictures: resizing to the shape of an input, normalisation, and a view for the terminal.
#include "tools/rdu/io/image.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "tools/rdu/error.hpp"
#include "tools/rdu/io/file.hpp"
#include "tools/rdu/io/pnm.hpp"

namespace rdu::tool {

namespace {

struct Layout {
  std::int64_t channels = 1, height = 0, width = 0;
  bool channels_last = false;
};

Layout layout_of(std::span<const std::int64_t> shape) {
  auto s = shape;
  if (s.size() == 4 && s[0] == 1) s = s.subspan(1);
  if (s.size() == 2) return {1, s[0], s[1], false};
  // Three is a number of channels before it is a width; one channel may stand at either end.
  for (const std::int64_t channels : {3, 1}) {
    if (s.size() == 3 && s[0] == channels) return {channels, s[1], s[2], false};
    if (s.size() == 3 && s[2] == channels) return {channels, s[0], s[1], true};
  }
  throw ToolError(
      "a picture does not fit an input " + type_text(RDU_DTYPE_F32, shape) +
      ": one of [1,C,H,W], [1,H,W,C], [C,H,W], [H,W,C], [H,W] with C 1 or 3 is expected");
}

// Grey from RGB by the weights of ITU-R BT.601; RGB from grey by repetition.
float channel(const Image& image, int x, int y, std::int64_t c, std::int64_t wanted) {
  const float* pixel = &image.pixels[(static_cast<std::size_t>(y) * image.width + x) *
                                     static_cast<std::size_t>(image.channels)];
  if (image.channels == 1) return pixel[0];
  if (wanted == 1) return 0.299F * pixel[0] + 0.587F * pixel[1] + 0.114F * pixel[2];
  return pixel[c];
}

// The source position of an output centre: the pixel before, the one after, and the weight of the latter.
struct Tap {
  int before = 0, after = 0;
  float weight = 0;
};

Tap tap_at(std::int64_t out, std::int64_t out_size, int in_size) {
  const double position =
      (static_cast<double>(out) + 0.5) * in_size / static_cast<double>(out_size) - 0.5;
  const double clamped = std::clamp(position, 0.0, in_size - 1.0);
  const int before = static_cast<int>(clamped);
  return {before, std::min(before + 1, in_size - 1), static_cast<float>(clamped - before)};
}

float sample(const Image& image, const Tap& tx, const Tap& ty, std::int64_t c,
             std::int64_t wanted) {
  const float top = std::lerp(channel(image, tx.before, ty.before, c, wanted),
                              channel(image, tx.after, ty.before, c, wanted), tx.weight);
  const float bottom = std::lerp(channel(image, tx.before, ty.after, c, wanted),
                                 channel(image, tx.after, ty.after, c, wanted), tx.weight);
  return std::lerp(top, bottom, ty.weight);
}

double per_channel(const std::vector<double>& values, std::int64_t c) {
  return values[std::min(static_cast<std::size_t>(c), values.size() - 1)];
}

void store_pixel(HostTensor& tensor, std::int64_t at, double value) {
  if (tensor.dtype == RDU_DTYPE_F32) {
    const auto narrow = static_cast<float>(value);
    std::memcpy(tensor.bytes.data() + at * 4, &narrow, 4);
  } else {
    const auto narrow = static_cast<std::uint8_t>(std::clamp(std::nearbyint(value), 0.0, 255.0));
    std::memcpy(tensor.bytes.data() + at, &narrow, 1);
  }
}

}  // namespace

bool is_image_path(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".pgm" || extension == ".ppm" || extension == ".pnm";
}

Image read_image(const std::filesystem::path& path) {
  try {
    return decode_pnm(read_file(path));
  } catch (const ToolError& error) {
    throw ToolError(path.string() + ": " + error.what());
  }
}

HostTensor image_tensor(const Image& image, rdu_dtype dtype, std::span<const std::int64_t> shape,
                        const ImageOptions& options) {
  if (dtype != RDU_DTYPE_F32 && dtype != RDU_DTYPE_U8) {
    throw ToolError(std::string("a picture cannot become a tensor of ") + rdu_dtype_name(dtype) +
                    ": f32 or u8 is expected");
  }
  const Layout layout = layout_of(shape);
  HostTensor tensor = make_host_tensor(dtype, {shape.begin(), shape.end()});
  const double scale = dtype == RDU_DTYPE_U8 ? 255 : options.scale;
  for (std::int64_t y = 0; y < layout.height; ++y) {
    const Tap ty = tap_at(y, layout.height, image.height);
    for (std::int64_t x = 0; x < layout.width; ++x) {
      const Tap tx = tap_at(x, layout.width, image.width);
      for (std::int64_t c = 0; c < layout.channels; ++c) {
        const double pixel = scale * static_cast<double>(sample(image, tx, ty, c, layout.channels));
        const std::int64_t at = layout.channels_last ? (y * layout.width + x) * layout.channels + c
                                                     : (c * layout.height + y) * layout.width + x;
        store_pixel(tensor, at,
                    (pixel - per_channel(options.mean, c)) / per_channel(options.std, c));
      }
    }
  }
  return tensor;
}

std::string image_text(const Image& image, int columns) {
  constexpr const char* kShades[] = {" ", "░", "▒", "▓", "█"};
  const int width = std::min(columns, image.width);
  const int height =
      std::max(1, image.height * width / image.width / 2);  // a character is two pixels high
  std::string text;
  for (int y = 0; y < height; ++y) {
    const Tap upper = tap_at(2 * y, 2 * height, image.height);
    const Tap lower = tap_at(2 * y + 1, 2 * height, image.height);
    for (int x = 0; x < width; ++x) {
      const Tap tx = tap_at(x, width, image.width);
      const float shade = (sample(image, tx, upper, 0, 1) + sample(image, tx, lower, 0, 1)) / 2;
      text += kShades[std::clamp(static_cast<int>(shade * 5), 0, 4)];
    }
    text += '\n';
  }
  return text;
}

}  // namespace rdu::tool
