// Verifies the FlatBuffer and takes from it everything but the graphs: segments, signatures, variants, cuts.
#include "sdk/artifact/decode.hpp"

#include <algorithm>

#include "artifact_generated.h"
#include "sdk/artifact/decode_graph.hpp"
#include "sdk/artifact/format.hpp"
#include "sdk/base/checked.hpp"

// Structs are read where they lie: scalar vectors too.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "artifacts are little-endian in memory");

namespace rdu::artifact {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr flatbuffers::uoffset_t kMaxDepth = 32;

class Decoder {
 public:
  Decoder(const fbs::Artifact& artifact, const SegmentSource& source, std::uint64_t metadata_bytes)
      : artifact_(artifact), source_(source), vectors_(metadata_bytes) {}

  Result<Decoded> run() {
    Description& description = decoded_.description;
    RDU_ASSIGN(description.name, vectors_.text(artifact_.name(), "name"));
    RDU_ASSIGN(description.precision, vectors_.text(artifact_.precision(), "precision"));
    RDU_TRY(read_metadata());
    RDU_TRY(read_provenance());
    RDU_TRY(read_segments());
    RDU_TRY(read_packed());
    RDU_ASSIGN(const std::uint32_t count, vectors_.count(artifact_.signatures(), "signatures"));
    for (std::uint32_t i = 0; i < count; ++i) {
      decoded_.graphs.emplace_back();
      RDU_ASSIGN(SignatureInfo signature, read_signature(*artifact_.signatures()->Get(i)));
      description.signatures.push_back(std::move(signature));
    }
    return std::move(decoded_);
  }

 private:
  Result<void> read_metadata() {
    RDU_ASSIGN(const std::uint32_t count, vectors_.count(artifact_.metadata(), "metadata"));
    for (std::uint32_t i = 0; i < count; ++i) {
      const fbs::KeyValue& pair = *artifact_.metadata()->Get(i);
      RDU_ASSIGN(std::string key, vectors_.text(pair.key(), "metadata key"));
      RDU_ASSIGN(std::string value, vectors_.text(pair.value(), "metadata value"));
      decoded_.description.metadata.emplace_back(std::move(key), std::move(value));
    }
    return {};
  }

  Result<void> read_provenance() {
    const fbs::Provenance* from = artifact_.provenance();
    if (from == nullptr) return {};
    Provenance& to = decoded_.description.provenance;
    RDU_ASSIGN(to.producer, vectors_.text(from->producer(), "producer"));
    RDU_ASSIGN(to.flags, vectors_.text(from->flags(), "flags"));
    RDU_ASSIGN(to.source_hash, vectors_.text(from->source_hash(), "source_hash"));
    to.opset = from->opset();
    return {};
  }

  Result<void> read_segments() {
    RDU_ASSIGN(const auto table, vectors_.structs(artifact_.segments(), "segments"));
    if (source_.given && source_.given->size() < table.size()) {
      return fail(Code::kInvalidArgument, "the metadata has %zu segments, %zu are given",
                  table.size(), source_.given->size());
    }
    const std::vector<bool> may_lack = packed_segments(table.size());
    for (std::size_t i = 0; i < table.size(); ++i) {
      RDU_ASSIGN(const auto bytes, segment_bytes(table[i], i, may_lack[i]));
      if (reinterpret_cast<std::uintptr_t>(bytes.data()) % kConstantAlignment != 0) {
        return fail(Code::kInvalidArgument, "segment %zu is not 64-byte aligned in memory", i);
      }
      decoded_.description.segments.push_back({bytes,
                                               source_.area_offset + table[i].offset(),
                                               {table[i].hash_low(), table[i].hash_high()}});
    }
    return {};
  }

  Result<std::span<const std::byte>> segment_bytes(const fbs::Segment& segment, std::size_t i,
                                                   bool may_lack) {
    if (source_.given) {
      const auto given = (*source_.given)[i];
      if (source_.may_be_absent && given.data() == nullptr) {
        RDU_ASSIGN(auto range, base::AddressRange::reserve(segment.bytes()));
        return decoded_.absent.emplace_back(std::move(range)).bytes();
      }
      if (may_lack && given.data() == nullptr) return std::span<const std::byte>();
      if (given.size() >= segment.bytes()) return given.first(segment.bytes());
      return fail(Code::kInvalidArgument, "segment %zu has %llu bytes, %zu are given", i,
                  static_cast<unsigned long long>(segment.bytes()), given.size());
    }
    if (segment.offset() % kSegmentAlignment != 0 ||
        !base::range_within(segment.offset(), segment.bytes(), source_.area.size())) {
      return fail(Code::kCorrupt, "segment %zu: %llu bytes at offset %llu of %zu", i,
                  static_cast<unsigned long long>(segment.bytes()),
                  static_cast<unsigned long long>(segment.offset()), source_.area.size());
    }
    return source_.area.subspan(segment.offset(), segment.bytes());
  }

  // Bytes that were left out are as good as none: they are a hint.
  Result<void> read_packed() {
    RDU_ASSIGN(const std::uint32_t count, vectors_.count(artifact_.packed(), "packed"));
    for (std::uint32_t i = 0; i < count; ++i) {
      const fbs::Packed& entry = *artifact_.packed()->Get(i);
      PackedInfo packed;
      RDU_ASSIGN(packed.target, vectors_.text(entry.target(), "packed target"));
      RDU_ASSIGN(packed.made_for, vectors_.text(entry.made_for(), "packed made_for"));
      packed.segment = entry.segment();
      const auto& segments = decoded_.description.segments;
      if (entry.segment() < segments.size() && !segments[entry.segment()].present()) continue;
      RDU_ASSIGN(packed.bytes,
                 piece_of(entry.segment(), entry.offset(), entry.bytes(), "packed", packed.target));
      decoded_.description.packed.push_back(std::move(packed));
    }
    return {};
  }

  // Numbers in a list, none larger than those of segments.
  std::vector<bool> packed_segments(std::size_t count) const {
    std::vector<bool> packed(count);
    if (artifact_.packed() == nullptr) return packed;
    for (const fbs::Packed* entry : *artifact_.packed()) {
      if (entry->segment() < count) packed[entry->segment()] = true;
    }
    return packed;
  }

  Result<SignatureInfo> read_signature(const fbs::Signature& from) {
    SignatureInfo signature;
    RDU_ASSIGN(signature.name, vectors_.text(from.name(), "signature name"));
    RDU_ASSIGN(signature.inputs, read_tensors(from.inputs()));
    RDU_ASSIGN(signature.outputs, read_tensors(from.outputs()));
    RDU_ASSIGN(const std::uint32_t count, vectors_.count(from.variants(), "variants"));
    for (std::uint32_t i = 0; i < count; ++i) {
      auto variant = read_variant(*from.variants()->Get(i));
      if (!variant) {
        return in_context(base::format("signature \"%s\", variant %u", signature.name.c_str(), i),
                          std::move(variant.error()));
      }
      signature.variants.push_back(*std::move(variant));
    }
    return signature;
  }

  using TensorVector = flatbuffers::Vector<flatbuffers::Offset<fbs::SignatureTensor>>;

  Result<std::vector<SignatureTensor>> read_tensors(const TensorVector* from) {
    std::vector<SignatureTensor> tensors;
    RDU_ASSIGN(const std::uint32_t count, vectors_.count(from, "signature tensors"));
    for (std::uint32_t i = 0; i < count; ++i) {
      const fbs::SignatureTensor& entry = *from->Get(i);
      SignatureTensor tensor;
      RDU_ASSIGN(tensor.name, vectors_.text(entry.name(), "tensor name"));
      RDU_ASSIGN(tensor.variable, vectors_.text(entry.variable(), "tensor variable"));
      tensor.dtype = entry.dtype();
      RDU_ASSIGN(const std::uint32_t rank, vectors_.count(entry.dims(), "tensor dims"));
      for (std::uint32_t d = 0; d < rank; ++d) {
        SignatureDim dim;
        dim.extent = entry.dims()->Get(d)->extent();
        RDU_ASSIGN(dim.name, vectors_.text(entry.dims()->Get(d)->name(), "dimension name"));
        tensor.dims.push_back(std::move(dim));
      }
      tensors.push_back(std::move(tensor));
    }
    return tensors;
  }

  Result<VariantInfo> read_variant(const fbs::Variant& from) {
    VariantInfo variant;
    RDU_ASSIGN(const std::uint32_t num_dims, vectors_.count(from.dims(), "variant dims"));
    for (std::uint32_t i = 0; i < num_dims; ++i) {
      const fbs::NamedExtent& dim = *from.dims()->Get(i);
      RDU_ASSIGN(std::string name, vectors_.text(dim.name(), "variant dim"));
      variant.dims.emplace_back(std::move(name), dim.extent());
    }
    RDU_TRY(read_specialised(from, variant));
    RDU_ASSIGN(const auto inputs, vectors_.scalars(from.inputs(), "inputs"));
    variant.inputs.assign(inputs.begin(), inputs.end());
    RDU_ASSIGN(const auto outputs, vectors_.scalars(from.outputs(), "outputs"));
    variant.outputs.assign(outputs.begin(), outputs.end());
    RDU_ASSIGN(const std::uint32_t num_cuts, vectors_.count(from.cuts(), "cuts"));
    for (std::uint32_t i = 0; i < num_cuts; ++i) {
      RDU_ASSIGN(CutInfo cut, read_cut(*from.cuts()->Get(i)));
      variant.cuts.push_back(std::move(cut));
    }
    if (from.graph() == nullptr || variant.cuts.empty()) {
      return fail(Code::kCorrupt, "metadata: a variant has no graph or no cut [S1]");
    }
    RDU_ASSIGN(FlatGraph graph,
               decode_graph(*from.graph(), vectors_, decoded_.description.segments));
    for (const SectionInfo& section : variant.cuts.front().sections) {
      graph.sections.push_back({section.first_node, section.end_node, 0, 0, 0, 0});
    }
    decoded_.graphs.back().push_back(std::move(graph));
    return variant;
  }

  Result<void> read_specialised(const fbs::Variant& from, VariantInfo& variant) {
    RDU_ASSIGN(const std::uint32_t count, vectors_.count(from.specialised(), "specialised"));
    for (std::uint32_t i = 0; i < count; ++i) {
      const fbs::SpecialisedInput& entry = *from.specialised()->Get(i);
      SpecialisedInput input;
      input.input = entry.input();
      input.dtype = entry.dtype();
      RDU_ASSIGN(const auto dims, vectors_.scalars(entry.dims(), "specialised dims"));
      input.dims.assign(dims.begin(), dims.end());
      RDU_ASSIGN(const auto bytes, vectors_.scalars(entry.bytes(), "specialised bytes"));
      const auto raw = std::as_bytes(bytes);
      input.bytes.assign(raw.begin(), raw.end());
      variant.specialised.push_back(std::move(input));
    }
    return {};
  }

  Result<CutInfo> read_cut(const fbs::Cut& from) {
    CutInfo cut;
    RDU_ASSIGN(cut.target, vectors_.text(from.target(), "cut target"));
    RDU_ASSIGN(cut.format, vectors_.text(from.format(), "cut format"));
    cut.target_hash = from.target_hash();
    RDU_ASSIGN(const auto sections, vectors_.structs(from.sections(), "sections"));
    RDU_ASSIGN(const auto loops, vectors_.structs(from.block_loops(), "block_loops"));
    // Sections take the block loops one after the other, so none is counted twice.
    std::uint64_t next_loop = 0;
    for (const fbs::Section& entry : sections) {
      SectionInfo section{entry.first_node(), entry.end_node(), {}, {}};
      if (entry.first_block_loop() != next_loop ||
          !base::range_within(next_loop, entry.num_block_loops(), loops.size())) {
        return fail(Code::kCorrupt, "cut \"%s\": block loops [%u, +%u) of %zu do not follow",
                    cut.target.c_str(), entry.first_block_loop(), entry.num_block_loops(),
                    loops.size());
      }
      for (const auto& loop : loops.subspan(next_loop, entry.num_block_loops())) {
        section.block_loops.push_back({loop.loop(), loop.block()});
      }
      next_loop += entry.num_block_loops();
      RDU_ASSIGN(section.payload, read_payload(entry, cut));
      cut.sections.push_back(std::move(section));
    }
    return cut;
  }

  Result<std::span<const std::byte>> read_payload(const fbs::Section& entry,
                                                  const CutInfo& cut) const {
    if (entry.payload_segment() == RDU_NONE) return std::span<const std::byte>();
    return piece_of(entry.payload_segment(), entry.payload_offset(), entry.payload_bytes(), "cut",
                    cut.target);
  }

  Result<std::span<const std::byte>> piece_of(std::uint32_t segment, std::uint64_t offset,
                                              std::uint64_t bytes, const char* what,
                                              const std::string& target) const {
    const auto& segments = decoded_.description.segments;
    if (segment >= segments.size() || offset % kConstantAlignment != 0 ||
        !base::range_within(offset, bytes, segments[segment].bytes.size())) {
      return fail(Code::kCorrupt, "%s \"%s\": a payload is not in segment %u of %zu", what,
                  target.c_str(), segment, segments.size());
    }
    return segments[segment].bytes.subspan(offset, bytes);
  }

  const fbs::Artifact& artifact_;
  const SegmentSource& source_;
  VectorReader vectors_;
  Decoded decoded_;
};

}  // namespace

Result<Decoded> decode_metadata(std::span<const std::byte> metadata, const SegmentSource& source,
                                const Limits& limits) {
  if (metadata.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) {
    return fail(Code::kLimit, "%zu bytes of metadata; a FlatBuffer has less than 2 GiB",
                metadata.size());
  }
  const auto* data = reinterpret_cast<const std::uint8_t*>(metadata.data());
  flatbuffers::Verifier verifier(data, metadata.size(), kMaxDepth, limits.max_tables);
  if (!fbs::VerifyArtifactBuffer(verifier)) {
    return fail(Code::kCorrupt, "the metadata (%zu bytes) is not a valid FlatBuffer of type RDUA",
                metadata.size());
  }
  return Decoder(*fbs::GetArtifact(data), source, metadata.size()).run();
}

}  // namespace rdu::artifact
