// Headers of what ships, checks and loads artifacts.
#include "plugins/remote/wire/flat.hpp"

namespace rdu::remote {

using flat::not_a_header;
using plugin::fail;
using plugin::Status;
using Header = std::span<const std::byte>;

Header Encoder::encode(const Offer& message) {
  auto& builder = memory_->begin();
  const auto artifact = flat::id(builder, message.artifact);
  const auto parts = builder.CreateVector(message.part_bytes);
  const auto chunks =
      builder.CreateVector(reinterpret_cast<const std::uint8_t*>(message.chunks.data()),
                           message.chunks.size() * sizeof(Hash));
  return memory_->finish(fbs::CreateOffer(builder, artifact, message.chunk_bytes, parts, chunks));
}

Status decode(Header header, Offer& out) {
  const auto* from = flat::root<fbs::Offer>(header);
  if (from == nullptr) return not_a_header("OFFER");
  out.chunk_bytes = from->chunk_bytes();
  out.chunks.clear();
  RDU_WIRE_TRY(flat::id(from->artifact(), "artifact", out.artifact));
  RDU_WIRE_TRY(flat::numbers(from->part_bytes(), kMaxParts, "parts", out.part_bytes));
  const auto* chunks = from->chunks();
  if (chunks == nullptr) return {};
  if (chunks->size() % sizeof(Hash) != 0) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "hashes of chunks take ", chunks->size(),
                " bytes, not a multiple of ", sizeof(Hash));
  }
  out.chunks.resize(chunks->size() / sizeof(Hash));
  std::copy(chunks->begin(), chunks->end(), reinterpret_cast<std::uint8_t*>(out.chunks.data()));
  return {};
}

Header Encoder::encode(const Have& message) {
  auto& builder = memory_->begin();
  const auto missing = builder.CreateVector(message.missing);
  return memory_->finish(fbs::CreateHave(builder, missing));
}

Status decode(Header header, Have& out) {
  const auto* from = flat::root<fbs::Have>(header);
  if (from == nullptr) return not_a_header("HAVE");
  return flat::numbers(from->missing(), kMaxListHeaderBytes / 4, "missing chunks", out.missing);
}

Header Encoder::encode(const Chunk& message) {
  auto& builder = memory_->begin();
  const auto artifact = flat::id(builder, message.artifact);
  return memory_->finish(fbs::CreateChunk(builder, artifact, message.index));
}

Status decode(Header header, Chunk& out) {
  const auto* from = flat::root<fbs::Chunk>(header);
  if (from == nullptr) return not_a_header("CHUNK");
  out.index = from->index();
  return flat::id(from->artifact(), "artifact", out.artifact);
}

Header Encoder::encode(const Commit& message) {
  auto& builder = memory_->begin();
  const auto artifact = flat::id(builder, message.artifact);
  return memory_->finish(fbs::CreateCommit(builder, artifact));
}

Status decode(Header header, Commit& out) {
  const auto* from = flat::root<fbs::Commit>(header);
  if (from == nullptr) return not_a_header("COMMIT");
  return flat::id(from->artifact(), "artifact", out.artifact);
}

Header Encoder::encode(const Check& message) {
  auto& builder = memory_->begin();
  const auto artifact = flat::id(builder, message.artifact);
  const auto device = flat::name(builder, message.device);
  return memory_->finish(
      fbs::CreateCheck(builder, artifact, device, message.signature, message.variant));
}

Status decode(Header header, Check& out) {
  const auto* from = flat::root<fbs::Check>(header);
  if (from == nullptr) return not_a_header("CHECK");
  out.signature = from->signature();
  out.variant = from->variant();
  RDU_WIRE_TRY(flat::id(from->artifact(), "artifact", out.artifact));
  return flat::text(from->device(), kMaxNameBytes, "device", out.device);
}

Header Encoder::encode(const Checked& message) {
  auto& builder = memory_->begin();
  std::vector<flatbuffers::Offset<fbs::Verdict>> verdicts;
  for (const Verdict& verdict : message.sections) {
    const auto detail = flat::name(builder, verdict.detail);
    verdicts.push_back(fbs::CreateVerdict(builder, verdict.reason, detail));
  }
  const auto sections = builder.CreateVector(verdicts);
  return memory_->finish(fbs::CreateChecked(builder, sections));
}

Status decode(Header header, Checked& out) {
  const auto* from = flat::root<fbs::Checked>(header);
  if (from == nullptr) return not_a_header("CHECKED");
  out.sections.clear();
  if (from->sections() == nullptr) return {};
  if (from->sections()->size() > kMaxSections) {
    return fail(RDU_ERR_LIMIT_EXCEEDED, from->sections()->size(), " sections, at most ",
                kMaxSections);
  }
  for (const fbs::Verdict* verdict : *from->sections()) {
    Verdict& to = out.sections.emplace_back();
    to.reason = verdict->reason();
    RDU_WIRE_TRY(flat::text(verdict->detail(), kMaxNameBytes, "detail", to.detail));
  }
  return {};
}

Header Encoder::encode(const Load& message) {
  auto& builder = memory_->begin();
  const auto artifact = flat::id(builder, message.artifact);
  const auto device = flat::name(builder, message.device);
  return memory_->finish(fbs::CreateLoad(builder, artifact, device, message.signature,
                                         message.variant, message.first_section,
                                         message.end_section, message.stateless));
}

Status decode(Header header, Load& out) {
  const auto* from = flat::root<fbs::Load>(header);
  if (from == nullptr) return not_a_header("LOAD");
  out.signature = from->signature();
  out.variant = from->variant();
  out.first_section = from->first_section();
  out.end_section = from->end_section();
  out.stateless = from->stateless();
  RDU_WIRE_TRY(flat::id(from->artifact(), "artifact", out.artifact));
  return flat::text(from->device(), kMaxNameBytes, "device", out.device);
}

using FlatPorts = flatbuffers::Vector<flatbuffers::Offset<fbs::Port>>;

static flatbuffers::Offset<FlatPorts> encode_ports(flatbuffers::FlatBufferBuilder& builder,
                                                   const std::vector<Port>& ports) {
  std::vector<flatbuffers::Offset<fbs::Port>> made;
  for (const Port& port : ports) {
    const auto name = flat::name(builder, port.name);
    made.push_back(fbs::CreatePort(builder, name, port.value, port.dtype, port.bytes));
  }
  return builder.CreateVector(made);
}

static Status decode_ports(const FlatPorts* from, const char* what, std::vector<Port>& out) {
  out.clear();
  if (from == nullptr) return {};
  if (from->size() > kMaxPorts) {
    return fail(RDU_ERR_LIMIT_EXCEEDED, from->size(), " ", what, ", at most ", kMaxPorts);
  }
  for (const fbs::Port* port : *from) {
    Port& to = out.emplace_back();
    to.value = port->value();
    to.dtype = port->dtype();
    to.bytes = port->bytes();
    RDU_WIRE_TRY(flat::text(port->name(), kMaxNameBytes, "port name", to.name));
  }
  return {};
}

Header Encoder::encode(const Loaded& message) {
  auto& builder = memory_->begin();
  const auto inputs = encode_ports(builder, message.inputs);
  const auto outputs = encode_ports(builder, message.outputs);
  const auto variables = encode_ports(builder, message.variables);
  return memory_->finish(fbs::CreateLoaded(builder, message.program, inputs, outputs, variables,
                                           message.resident_bytes, message.per_run_bytes,
                                           message.state_bytes));
}

Status decode(Header header, Loaded& out) {
  const auto* from = flat::root<fbs::Loaded>(header);
  if (from == nullptr) return not_a_header("LOADED");
  out.program = from->program();
  out.resident_bytes = from->resident_bytes();
  out.per_run_bytes = from->per_run_bytes();
  out.state_bytes = from->state_bytes();
  RDU_WIRE_TRY(decode_ports(from->inputs(), "inputs", out.inputs));
  RDU_WIRE_TRY(decode_ports(from->outputs(), "outputs", out.outputs));
  return decode_ports(from->variables(), "variables", out.variables);
}

Header Encoder::encode(const Unload& message) {
  return memory_->finish(fbs::CreateUnload(memory_->begin(), message.program));
}

Status decode(Header header, Unload& out) {
  const auto* from = flat::root<fbs::Unload>(header);
  if (from == nullptr) return not_a_header("UNLOAD");
  out.program = from->program();
  return {};
}

}  // namespace rdu::remote
