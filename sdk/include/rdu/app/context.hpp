// Contexts, and the devices and artifacts that are opened in them.
#pragma once

#include <cstdint>
#include <rdu/app/tensor.hpp>
#include <string>
#include <vector>

namespace rdu {

struct ValueInfo {
  std::string name;
  rdu_dtype dtype = RDU_DTYPE_NONE;
  Shape shape;
  std::uint64_t size_bytes = 0;

  explicit ValueInfo(const rdu_value_info& info)
      : name(info.name),
        dtype(info.dtype),
        shape(info.shape, info.shape + info.rank),
        size_bytes(info.size_bytes) {}
};

class Device {
 public:
  Device(rdu_context* context, const std::string& uri) {
    rdu_device* device = nullptr;
    check(rdu_device_open(context, uri.c_str(), &device));
    handle_.reset(device);
  }

  std::string uri() const { return info().uri; }
  std::string name() const { return info().name; }
  rdu_device_info info() const {
    auto info = detail::sized<rdu_device_info>();
    check(rdu_device_get_info(handle_.get(), &info));
    return info;
  }
  rdu_device* get() const { return handle_.get(); }

 private:
  detail::Handle<rdu_device, rdu_device_close> handle_;
};

class Artifact {
 public:
  Artifact(rdu_context* context, const std::string& path,
           const rdu_artifact_options* options = nullptr) {
    rdu_artifact* artifact = nullptr;
    check(rdu_artifact_open(context, path.c_str(), options, &artifact));
    handle_.reset(artifact);
  }

  // The segments of `part` stay until this and programs made from it have gone, unless they are copied.
  Artifact(rdu_context* context, const rdu_artifact_part& part,
           const rdu_artifact_options* options = nullptr) {
    rdu_artifact* artifact = nullptr;
    check(rdu_artifact_open_part(context, &part, options, &artifact));
    handle_.reset(artifact);
  }

  std::uint32_t num_variants(std::uint32_t signature = 0) const {
    return signature_info(signature).num_variants;
  }
  std::vector<ValueInfo> inputs(std::uint32_t variant = 0, std::uint32_t signature = 0) const {
    return values(rdu_artifact_get_input, signature_info(signature).num_inputs, variant, signature);
  }
  std::vector<ValueInfo> outputs(std::uint32_t variant = 0, std::uint32_t signature = 0) const {
    return values(rdu_artifact_get_output, signature_info(signature).num_outputs, variant,
                  signature);
  }
  rdu_artifact* get() const { return handle_.get(); }

 private:
  rdu_signature_info signature_info(std::uint32_t signature) const {
    auto info = detail::sized<rdu_signature_info>();
    check(rdu_artifact_get_signature(handle_.get(), signature, &info));
    return info;
  }

  template <class Get>
  std::vector<ValueInfo> values(Get get, std::uint32_t count, std::uint32_t variant,
                                std::uint32_t signature) const {
    std::vector<ValueInfo> list;
    for (std::uint32_t i = 0; i < count; ++i) {
      auto info = detail::sized<rdu_value_info>();
      check(get(handle_.get(), signature, variant, i, &info));
      list.emplace_back(info);
    }
    return list;
  }

  detail::Handle<rdu_artifact, rdu_artifact_close> handle_;
};

// What a context is made with.
struct Options {
  std::vector<std::string> plugin_paths;
  std::uint32_t max_threads = 0;
  rdu_log_fn log = nullptr;
  void* log_user = nullptr;
  rdu_log_level log_level = RDU_LOG_WARNING;
};

class Context {
 public:
  explicit Context(const Options& options = {}) {
    std::vector<const char*> paths;
    for (const std::string& path : options.plugin_paths) paths.push_back(path.c_str());
    auto raw = detail::sized<rdu_context_options>();
    raw.plugin_paths = paths.data();
    raw.num_plugin_paths = static_cast<std::uint32_t>(paths.size());
    raw.max_threads = options.max_threads;
    raw.log = options.log;
    raw.log_user = options.log_user;
    raw.log_level = options.log_level;
    rdu_context* context = nullptr;
    check(rdu_context_create(&raw, &context));
    handle_.reset(context);
  }

  Device open_device(const std::string& uri) const { return Device(handle_.get(), uri); }
  Artifact open_artifact(const std::string& path) const { return Artifact(handle_.get(), path); }
  Artifact open_part(const rdu_artifact_part& part,
                     const rdu_artifact_options* options = nullptr) const {
    return Artifact(handle_.get(), part, options);
  }
  rdu_context* get() const { return handle_.get(); }

 private:
  detail::Handle<rdu_context, rdu_context_destroy> handle_;
};

}  // namespace rdu
