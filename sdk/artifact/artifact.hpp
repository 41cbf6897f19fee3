// An opened artifact: immutable, validated, and safe to share between threads.
#pragma once

#include <rdu/graph.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sdk/artifact/model.hpp"
#include "sdk/base/hash.hpp"
#include "sdk/base/result.hpp"

namespace rdu::artifact {

// What a file may ask for. All are checked before memory is allocated for it.
struct Limits {
  std::uint64_t max_metadata_bytes = 0x7fffffff;  // FlatBuffers cannot go beyond 2 GiB - 1
  std::uint32_t max_tables = 100'000;             // nodes and values are no tables
  std::uint64_t max_file_bytes = UINT64_MAX;      // read into memory where it is copied
  std::uint64_t max_value_bytes = std::uint64_t{1} << 46;
};

struct OpenOptions {
  Limits limits;
  bool copy = false;  // read into memory: for a file whose owner is not trusted not to change it
  bool verify_hashes =
      false;  // of the segments, which reads all of them; the metadata's is always verified
};

struct SectionInfo {
  std::uint32_t first_node = 0, end_node = 0;
  std::vector<BlockLoop> block_loops;
  std::span<const std::byte> payload;
};

struct CutInfo {
  std::string target;  // "" is the portable cut, which is cut 0 of every variant
  std::string format;
  std::uint64_t target_hash = 0;
  std::vector<SectionInfo> sections;
};

struct VariantInfo {
  std::vector<std::pair<std::string, std::int64_t>> dims;
  std::vector<SpecialisedInput> specialised;
  std::vector<ValueId> inputs;   // per input of the signature; kNone where specialised or unused
  std::vector<ValueId> outputs;  // per output of the signature
  std::vector<CutInfo> cuts;
  std::uint64_t weight_bytes = 0;  // of the distinct constants in use
};

struct SignatureInfo {
  std::string name;
  std::vector<SignatureTensor> inputs;
  std::vector<SignatureTensor> outputs;
  std::vector<VariantInfo> variants;
};

struct SegmentInfo {
  std::span<const std::byte> bytes;  // begins at a multiple of 64 in memory
  std::uint64_t offset = 0;          // in the file
  base::Hash128 hash;

  bool present() const { return bytes.data() != nullptr; }
};

struct PackedInfo {
  std::string target;
  std::string made_for;
  std::span<const std::byte> bytes;
  std::uint32_t segment = kNone;
};

struct Description {
  std::string name;
  std::string precision;
  std::vector<std::pair<std::string, std::string>> metadata;
  Provenance provenance;
  std::vector<SignatureInfo> signatures;
  std::vector<SegmentInfo> segments;
  std::vector<PackedInfo> packed;
};

class Artifact {
 public:
  struct Contents;  // what the reader assembled
  explicit Artifact(std::unique_ptr<Contents> contents);
  ~Artifact();
  Artifact(const Artifact&) = delete;
  Artifact& operator=(const Artifact&) = delete;

  const std::string& name() const { return description().name; }
  const std::vector<SignatureInfo>& signatures() const { return description().signatures; }
  const std::vector<SegmentInfo>& segments() const { return description().segments; }
  const Description& description() const;

  // Both numbers must exist. Lives as long as the artifact.
  const rdu_graph& graph(std::uint32_t signature, std::uint32_t variant) const;

  // The FlatBuffer: with segments() all that open_graph() needs, here or in another process.
  std::span<const std::byte> metadata_bytes() const;

  // Reads everything; kCorrupt names the first segment whose content changed.
  base::Result<void> verify_segments() const;

 private:
  std::unique_ptr<Contents> contents_;
};

using ArtifactPtr = std::shared_ptr<const Artifact>;

}  // namespace rdu::artifact
