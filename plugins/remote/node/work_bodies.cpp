// Field by field, in the order of the structs.
#include "plugins/remote/node/work_bodies.hpp"

namespace rdu::remote::node {

namespace {

constexpr std::size_t kPortBytes = 4 + 4 + 4 + 8;

Status whole(const ByteReader& in, const char* what) {
  if (in.ok()) return {};
  return fail(RDU_ERR_INTERNAL, "between the processes of a peer: ", what, " is cut short");
}

void put_ports(ByteWriter& out, const std::vector<Port>& ports) {
  out.put(static_cast<std::uint32_t>(ports.size()));
  for (const Port& port : ports) {
    out.put_text(port.name);
    out.put(port.value);
    out.put(port.dtype);
    out.put(port.bytes);
  }
}

void get_ports(ByteReader& in, std::vector<Port>& ports) {
  ports.resize(in.get_count(kPortBytes));
  for (Port& port : ports) {
    port.name = in.get_text();
    port.value = in.get<std::uint32_t>();
    port.dtype = in.get<std::uint32_t>();
    port.bytes = in.get<std::uint64_t>();
  }
}

}  // namespace

Bytes encode_request(const Selection& selection, const StoredArtifact& artifact) {
  ByteWriter out;
  out.put(selection.artifact);
  out.put(selection.signature);
  out.put(selection.variant);
  out.put(selection.first_section);
  out.put(selection.end_section);
  out.put(selection.stateless);
  out.put_text(artifact.path);
  out.put(static_cast<std::uint32_t>(artifact.parts.size()));
  for (const StoredArtifact::Part& part : artifact.parts) {
    out.put(part.offset);
    out.put(part.bytes);
  }
  return out.take();
}

Status decode_request(ByteSpan body, Selection& selection, StoredArtifact& artifact) {
  ByteReader in(body);
  in.get(selection.artifact);
  selection.signature = in.get<std::uint32_t>();
  selection.variant = in.get<std::uint32_t>();
  selection.first_section = in.get<std::uint32_t>();
  selection.end_section = in.get<std::uint32_t>();
  selection.stateless = in.get<std::uint32_t>();
  artifact.path = in.get_text();
  artifact.parts.resize(in.get_count(16));
  for (StoredArtifact::Part& part : artifact.parts) {
    part.offset = in.get<std::uint64_t>();
    part.bytes = in.get<std::uint64_t>();
  }
  return whole(in, "a request");
}

Bytes encode_verdicts(const std::vector<Verdict>& verdicts) {
  ByteWriter out;
  out.put(static_cast<std::uint32_t>(verdicts.size()));
  for (const Verdict& verdict : verdicts) {
    out.put(verdict.reason);
    out.put_text(verdict.detail);
  }
  return out.take();
}

Status decode_verdicts(ByteSpan body, std::vector<Verdict>& verdicts) {
  ByteReader in(body);
  verdicts.resize(in.get_count(8));
  for (Verdict& verdict : verdicts) {
    verdict.reason = in.get<std::uint32_t>();
    verdict.detail = in.get_text();
  }
  return whole(in, "a list of verdicts");
}

Bytes encode_ports(const Loaded& loaded) {
  ByteWriter out;
  put_ports(out, loaded.inputs);
  put_ports(out, loaded.outputs);
  put_ports(out, loaded.variables);
  out.put(loaded.resident_bytes);
  out.put(loaded.per_run_bytes);
  out.put(loaded.state_bytes);
  return out.take();
}

Status decode_ports(ByteSpan body, Loaded& loaded) {
  ByteReader in(body);
  get_ports(in, loaded.inputs);
  get_ports(in, loaded.outputs);
  get_ports(in, loaded.variables);
  loaded.resident_bytes = in.get<std::uint64_t>();
  loaded.per_run_bytes = in.get<std::uint64_t>();
  loaded.state_bytes = in.get<std::uint64_t>();
  return whole(in, "the description of a program");
}

Bytes encode_facts(const DeviceFacts& facts) {
  ByteWriter out;
  out.put_text(facts.name);
  out.put_text(facts.target);
  out.put(facts.target_hash);
  out.put(facts.memory_bytes);
  out.put(facts.max_concurrency);
  return out.take();
}

Status decode_facts(ByteSpan body, DeviceFacts& facts) {
  ByteReader in(body);
  facts.name = in.get_text();
  facts.target = in.get_text();
  facts.target_hash = in.get<std::uint64_t>();
  facts.memory_bytes = in.get<std::uint64_t>();
  facts.max_concurrency = in.get<std::uint32_t>();
  return whole(in, "the description of a device");
}

}  // namespace rdu::remote::node
