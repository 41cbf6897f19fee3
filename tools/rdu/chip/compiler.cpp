// Calls librducc through its C API, each function found by name.
#include "tools/rdu/chip/compiler.hpp"

#include <dlfcn.h>
#include <rducc/rducc.h>

#include <cstring>
#include <span>

#include "sdk/artifact/reader.hpp"
#include "tools/rdu/error.hpp"

namespace rdu::tool {

struct Compiler::Library {
  void* handle = nullptr;
  decltype(&rducc_compile) compile = nullptr;
  decltype(&rducc_retarget) retarget = nullptr;
  decltype(&rducc_output_get_bytes) get_bytes = nullptr;
  decltype(&rducc_output_destroy) destroy_output = nullptr;
  decltype(&rducc_status_message) message = nullptr;
  decltype(&rducc_status_destroy) destroy_status = nullptr;

  ~Library() {
    if (handle != nullptr) dlclose(handle);
  }

  template <typename Function>
  void find(const char* name, Function& out) {
    out = reinterpret_cast<Function>(dlsym(handle, name));
    if (out == nullptr) throw ToolError(std::string("librducc has no ") + name);
  }

  void check(rducc_status* status) const {
    if (status == nullptr) return;
    const std::string text = message(status);
    destroy_status(status);
    throw ToolError(text);
  }
};

Compiler::Compiler() : library_(std::make_unique<Library>()) {
  library_->handle = dlopen("librducc.so.0", RTLD_NOW | RTLD_LOCAL);
  if (library_->handle == nullptr)
    throw ToolError(std::string("the compiler is missing: ") + dlerror());
  library_->find("rducc_compile", library_->compile);
  library_->find("rducc_retarget", library_->retarget);
  library_->find("rducc_output_get_bytes", library_->get_bytes);
  library_->find("rducc_output_destroy", library_->destroy_output);
  library_->find("rducc_status_message", library_->message);
  library_->find("rducc_status_destroy", library_->destroy_status);
}

Compiler::~Compiler() = default;

artifact::ArtifactPtr Compiler::compile(const std::string& model, const std::string& target,
                                        const std::vector<std::string>& data) const {
  std::vector<const char*> folders;
  for (const std::string& folder : data) folders.push_back(folder.c_str());
  const char* targets[] = {target.c_str()};
  rducc_request request = {};
  request.header = RDU_HEADER(rducc_request);
  request.model_path = model.c_str();
  request.data_dirs = folders.data();
  request.num_data_dirs = static_cast<std::uint32_t>(folders.size());
  request.targets = targets;
  request.num_targets = 1;
  rducc_output* made = nullptr;
  library_->check(library_->compile(&request, &made));
  const std::unique_ptr<rducc_output, decltype(library_->destroy_output)> output(
      made, library_->destroy_output);
  rdu_bytes bytes = {};
  library_->check(library_->get_bytes(made, &bytes));
  artifact::OpenOptions options;
  options.copy = true;
  auto opened = artifact::open_artifact(
      std::span(static_cast<const std::byte*>(bytes.data), bytes.size), options);
  if (!opened) throw ToolError(opened.error().message);
  return *std::move(opened);
}

AlignedBytes Compiler::retarget(const AlignedBytes& artifact, const std::string& target) const {
  const char* targets[] = {target.c_str()};
  rducc_output* made = nullptr;
  library_->check(library_->retarget({artifact.data(), artifact.size()}, targets, 1, &made));
  const std::unique_ptr<rducc_output, decltype(library_->destroy_output)> output(
      made, library_->destroy_output);
  rdu_bytes bytes = {};
  library_->check(library_->get_bytes(made, &bytes));
  AlignedBytes copy(bytes.size);
  std::memcpy(copy.data(), bytes.data, bytes.size);
  return copy;
}

}  // namespace rdu::tool
