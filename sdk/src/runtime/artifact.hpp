// An opened artifact as the runtime sees it: what a caller brings and gets, per signature and variant.
#pragma once

#include <rdu/artifact.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sdk/artifact/artifact.hpp"
#include "sdk/src/runtime/context.hpp"

namespace rdu::runtime {

// How a variable grows: of its extent along `axis`, the variable number `length` counts those in use.
struct Growth {
  std::uint32_t length = RDU_NONE;
  std::uint32_t axis = 0;
  std::int64_t by = 0;

  bool none() const { return length == RDU_NONE; }
};

// One input, output or variable of a variant.
struct TensorSpec {
  std::string name;
  rdu_dtype dtype = RDU_DTYPE_NONE;
  std::vector<std::int64_t> shape;     // bounds where bounded
  std::vector<std::string> dim_names;  // as many as dimensions, "" where fixed
  std::vector<std::uint8_t> bounded;   // as many as dimensions
  std::uint64_t bytes = 0;
  std::uint32_t value = RDU_NONE;  // in the graph; none where an input is folded or unused
  bool specialised = false;
  std::span<const std::byte> required;  // of a specialised input
  std::uint32_t initial = RDU_NONE;     // of a variable
  Growth growth;                        // of a variable
  bool in_place = false;                // an input that the run changes: it gets a copy
};

struct VariantSpec {
  std::string name;  // "batch=1,seq=16"
  const rdu_graph* graph = nullptr;
  const artifact::VariantInfo* info = nullptr;
  std::vector<TensorSpec> inputs;  // those that the caller binds
  std::vector<TensorSpec> outputs;
  std::vector<TensorSpec> variables;  // in the order of the graph's
};

struct SignatureSpec {
  std::string name;
  std::vector<VariantSpec> variants;
};

class Artifact {
 public:
  static Status open(std::shared_ptr<Context> context, const char* path,
                     const rdu_artifact_options* options, std::shared_ptr<Artifact>& out);
  static Status open(std::shared_ptr<Context> context, std::span<const std::byte> file,
                     const rdu_artifact_options* options, std::shared_ptr<Artifact>& out);
  static Status open(std::shared_ptr<Context> context, const rdu_artifact_part* part,
                     const rdu_artifact_options* options, std::shared_ptr<Artifact>& out);

  Artifact(std::shared_ptr<Context> context, artifact::ArtifactPtr file)
      : context_(std::move(context)), file_(std::move(file)) {}

  Context& context() const { return *context_; }
  const std::shared_ptr<Context>& shared_context() const { return context_; }
  const artifact::Artifact& file() const { return *file_; }
  const std::vector<SignatureSpec>& signatures() const { return signatures_; }
  // The bytes of each, as devices are given them. What is packed is handed over by itself: a device that is elsewhere need
  // not have it sent.
  std::vector<rdu_bytes> segments() const;

  // How it was compiled, as words.
  using Facts = std::vector<std::pair<const char*, std::string>>;
  const Facts& provenance() const { return provenance_; }

  // NULL means the first.
  Status find(const char* name, std::uint32_t& out) const;

 private:
  static Status take(std::shared_ptr<Context> context, artifact::ArtifactPtr file,
                     std::shared_ptr<Artifact>& out);
  Status describe();
  void show_storage();
  void show_variables();

  std::shared_ptr<Context> context_;
  artifact::ArtifactPtr file_;
  std::vector<SignatureSpec> signatures_;
  Facts provenance_;
};

}  // namespace rdu::runtime
