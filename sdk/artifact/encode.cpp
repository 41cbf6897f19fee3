// Everything of the metadata but the graphs: signatures, variants, cuts, provenance.
#include "sdk/artifact/encode.hpp"

#include <cstring>

#include "artifact_generated.h"
#include "sdk/artifact/encode_graph.hpp"

namespace rdu::artifact {
namespace {

using flatbuffers::Offset;
using flatbuffers::Vector;

class Encoder {
 public:
  explicit Encoder(const EncodeInput& input) : input_(input) {}

  base::Result<std::vector<std::byte>> run() {
    const Model& model = input_.model;
    const auto name = b_.CreateString(model.name);
    const auto precision = b_.CreateString(model.precision);
    std::vector<Offset<fbs::KeyValue>> metadata;
    for (const auto& [key, value] : model.metadata) {
      const auto key_text = b_.CreateString(key);
      metadata.push_back(fbs::CreateKeyValue(b_, key_text, b_.CreateString(value)));
    }
    const auto metadata_vector = b_.CreateVector(metadata);
    const auto provenance = add_provenance(model.provenance);
    std::vector<fbs::Segment> segments;
    for (const auto& s : input_.segments) {
      segments.emplace_back(s.offset, s.bytes, s.hash.low, s.hash.high);
    }
    const auto segment_vector = b_.CreateVectorOfStructs(segments);
    std::vector<Offset<fbs::Signature>> signatures;
    for (std::size_t i = 0; i < model.signatures.size(); ++i) {
      signatures.push_back(add_signature(model.signatures[i], input_.graphs[i]));
      if (too_large()) return metadata_too_large();
    }
    const auto signature_vector = b_.CreateVector(signatures);
    const auto packed = add_packed();
    fbs::FinishArtifactBuffer(
        b_, fbs::CreateArtifact(b_, name, precision, metadata_vector, provenance, segment_vector,
                                signature_vector, packed));
    if (too_large()) return metadata_too_large();
    std::vector<std::byte> bytes(b_.GetSize());
    std::memcpy(bytes.data(), b_.GetBufferPointer(), bytes.size());
    return bytes;
  }

 private:
  // Far from the 2 GiB at which FlatBuffers' own offsets would wrap: one variant is never as long as the rest.
  bool too_large() const { return b_.GetSize() > 0x3fffffff; }
  static base::Error metadata_too_large() {
    return base::fail(base::Code::kLimit, "the metadata would be larger than 1 GiB");
  }

  Offset<fbs::Provenance> add_provenance(const Provenance& p) {
    const auto producer = b_.CreateString(p.producer);
    const auto flags = b_.CreateString(p.flags);
    const auto source = b_.CreateString(p.source_hash);
    return fbs::CreateProvenance(b_, producer, flags, source, p.opset);
  }

  // Absent where there is none: such a file is what it was before there was any.
  Offset<Vector<Offset<fbs::Packed>>> add_packed() {
    std::vector<Offset<fbs::Packed>> all;
    for (std::size_t i = 0; i < input_.model.packed.size(); ++i) {
      const Packed& packed = input_.model.packed[i];
      const Place& place = input_.packed[i];
      const auto target = b_.CreateString(packed.target);
      const auto made_for = b_.CreateString(packed.made_for);
      all.push_back(fbs::CreatePacked(b_, target, made_for, place.segment, place.offset,
                                      packed.data.bytes.size()));
    }
    if (all.empty()) return 0;
    return b_.CreateVector(all);
  }

  Offset<Vector<Offset<fbs::SignatureTensor>>> add_tensors(
      const std::vector<SignatureTensor>& tensors) {
    std::vector<Offset<fbs::SignatureTensor>> offsets;
    for (const SignatureTensor& tensor : tensors) {
      std::vector<Offset<fbs::SignatureDim>> dims;
      for (const SignatureDim& dim : tensor.dims) {
        const auto name = b_.CreateString(dim.name);
        dims.push_back(fbs::CreateSignatureDim(b_, dim.extent, name));
      }
      const auto name = b_.CreateString(tensor.name);
      const auto dim_vector = b_.CreateVector(dims);
      const auto variable = b_.CreateString(tensor.variable);
      offsets.push_back(fbs::CreateSignatureTensor(b_, name, tensor.dtype, dim_vector, variable));
    }
    return b_.CreateVector(offsets);
  }

  Offset<fbs::Signature> add_signature(const Signature& signature,
                                       const std::vector<FlatGraph>& graphs) {
    const auto name = b_.CreateString(signature.name);
    const auto inputs = add_tensors(signature.inputs);
    const auto outputs = add_tensors(signature.outputs);
    std::vector<Offset<fbs::Variant>> variants;
    for (std::size_t i = 0; i < signature.variants.size(); ++i) {
      variants.push_back(add_variant(signature.variants[i], graphs[i]));
      if (too_large()) break;
    }
    const auto variant_vector = b_.CreateVector(variants);
    return fbs::CreateSignature(b_, name, inputs, outputs, variant_vector);
  }

  Offset<fbs::Variant> add_variant(const Variant& variant, const FlatGraph& graph) {
    std::vector<Offset<fbs::NamedExtent>> dims;
    for (const auto& [name, extent] : variant.dims) {
      const auto text = b_.CreateString(name);
      dims.push_back(fbs::CreateNamedExtent(b_, text, extent));
    }
    std::vector<Offset<fbs::SpecialisedInput>> specialised;
    for (const SpecialisedInput& input : variant.specialised) {
      const auto extents = b_.CreateVector(input.dims);
      const auto bytes = b_.CreateVector(reinterpret_cast<const std::uint8_t*>(input.bytes.data()),
                                         input.bytes.size());
      specialised.push_back(
          fbs::CreateSpecialisedInput(b_, input.input, input.dtype, extents, bytes));
    }
    std::vector<Offset<fbs::Cut>> cuts;
    for (const Cut& cut : variant.cuts) cuts.push_back(add_cut(cut));
    const auto dim_vector = b_.CreateVector(dims);
    const auto specialised_vector = b_.CreateVector(specialised);
    const auto inputs = b_.CreateVector(variant.inputs);
    const auto outputs = b_.CreateVector(variant.outputs);
    const auto graph_table = encode_graph(b_, graph);
    const auto cut_vector = b_.CreateVector(cuts);
    return fbs::CreateVariant(b_, dim_vector, specialised_vector, inputs, outputs, graph_table,
                              cut_vector);
  }

  Offset<fbs::Cut> add_cut(const Cut& cut) {
    std::vector<fbs::Section> sections;
    std::vector<fbs::BlockLoop> block_loops;
    for (const Section& section : cut.sections) {
      const Place place = section.payload.empty() ? Place{} : input_.payloads[next_payload_++];
      sections.emplace_back(place.offset, section.payload.size(), place.segment, section.first_node,
                            section.end_node, static_cast<std::uint32_t>(block_loops.size()),
                            static_cast<std::uint32_t>(section.block_loops.size()));
      for (const BlockLoop& loop : section.block_loops) {
        block_loops.emplace_back(loop.block, loop.loop);
      }
    }
    const auto target = b_.CreateString(cut.target);
    const auto format = b_.CreateString(cut.format);
    const auto section_vector = b_.CreateVectorOfStructs(sections);
    const auto loop_vector = b_.CreateVectorOfStructs(block_loops);
    return fbs::CreateCut(b_, target, format, cut.target_hash, section_vector, loop_vector);
  }

  const EncodeInput& input_;
  flatbuffers::FlatBufferBuilder b_;
  std::size_t next_payload_ = 0;
};

}  // namespace

base::Result<std::vector<std::byte>> encode_metadata(const EncodeInput& input) {
  return Encoder(input).run();
}

}  // namespace rdu::artifact
