// Pictures in and out of tensors: PGM and PPM (P2, P3, P5, P6).
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "tools/rdu/io/host_tensor.hpp"

namespace rdu::tool {

struct Image {
  int width = 0;
  int height = 0;
  int channels = 0;           // 1 grey, 3 RGB
  std::vector<float> pixels;  // [height, width, channels], 0 to 1
};

bool is_image_path(const std::filesystem::path& path);
Image read_image(const std::filesystem::path& path);

// How pixels become the input that a model expects: value = (pixel - mean) / std, one of each per channel or one for all.
struct ImageOptions {
  double scale =
      1;  // pixels run from 0 to this before mean and std: 255 for models that want bytes
  std::vector<double> mean{0};
  std::vector<double> std{1};
};

// Resized (bilinear, half-pixel centres) and laid out for `shape`: [1,C,H,W], [1,H,W,C], [C,H,W], [H,W,C] or [H,W].
HostTensor image_tensor(const Image& image, rdu_dtype dtype, std::span<const std::int64_t> shape,
                        const ImageOptions& options);

// A grey picture for a terminal, two rows a line, at most `columns` wide.
std::string image_text(const Image& image, int columns);

}  // namespace rdu::tool
