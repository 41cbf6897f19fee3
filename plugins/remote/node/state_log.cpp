// Records on disk: length, CRC-32C, body.
#include "plugins/remote/node/state_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "plugins/remote/wire/crc32c.hpp"

namespace rdu::remote::node {

namespace {

constexpr std::uint32_t kFormat = 0x4c534452;  // "RDSL"
constexpr std::size_t kRecordHead = 12;
constexpr std::uint64_t kMaxLogBytes = std::uint64_t{4} << 30;

void put_selection(ByteWriter& out, const Selection& selection) {
  out.put(selection.artifact);
  out.put(selection.signature);
  out.put(selection.variant);
  out.put(selection.first_section);
  out.put(selection.end_section);
}

void get_selection(ByteReader& in, Selection& selection) {
  in.get(selection.artifact);
  selection.signature = in.get<std::uint32_t>();
  selection.variant = in.get<std::uint32_t>();
  selection.first_section = in.get<std::uint32_t>();
  selection.end_section = in.get<std::uint32_t>();
}

void put_tensors(ByteWriter& out, const std::vector<Bytes>& tensors) {
  out.put(static_cast<std::uint32_t>(tensors.size()));
  for (const Bytes& tensor : tensors) out.put_bytes(tensor);
}

void get_tensors(ByteReader& in, std::vector<Bytes>& tensors) {
  tensors.resize(in.get_count(sizeof(std::uint64_t)));
  for (Bytes& tensor : tensors) {
    const ByteSpan bytes = in.get_bytes();
    tensor.assign(bytes.begin(), bytes.end());
  }
}

Bytes encode(const StateBase& base) {
  ByteWriter out;
  out.put(kFormat);
  out.put(base.origin.state);
  out.put(base.origin.session);
  out.put_text(base.origin.user);
  out.put_text(base.origin.device);
  put_selection(out, base.origin.program);
  out.put(base.origin.create_sequence);
  out.put(base.snapshot);
  out.put(base.last.sequence);
  out.put(base.last.payload);
  put_tensors(out, base.last.outputs);
  return out.take();
}

bool decode(ByteSpan body, StateBase& base) {
  ByteReader in(body);
  if (in.get<std::uint32_t>() != kFormat) return false;
  base.origin.state = in.get<std::uint64_t>();
  in.get(base.origin.session);
  base.origin.user = in.get_text();
  base.origin.device = in.get_text();
  get_selection(in, base.origin.program);
  base.origin.create_sequence = in.get<std::uint64_t>();
  base.snapshot = in.get<std::uint64_t>();
  base.last.sequence = in.get<std::uint64_t>();
  in.get(base.last.payload);
  get_tensors(in, base.last.outputs);
  return in.ok();
}

Bytes encode(const Effect& effect) {
  ByteWriter out;
  out.put(effect.op);
  out.put(effect.sequence);
  out.put(effect.payload);
  put_selection(out, effect.program);
  out.put(effect.variable);
  put_tensors(out, effect.inputs);
  return out.take();
}

bool decode(ByteSpan body, Effect& effect) {
  ByteReader in(body);
  effect.op = in.get<Op>();
  effect.sequence = in.get<std::uint64_t>();
  in.get(effect.payload);
  get_selection(in, effect.program);
  effect.variable = in.get<std::uint32_t>();
  get_tensors(in, effect.inputs);
  return in.ok();
}

Bytes record_of(ByteSpan body) {
  ByteWriter out;
  out.put(static_cast<std::uint64_t>(body.size()));
  out.put(crc32c(body));
  Bytes record = out.take();
  record.insert(record.end(), body.begin(), body.end());
  return record;
}

// The body of the next record; nothing: the log ends here, or is torn.
std::optional<ByteSpan> next_body(ByteSpan rest) {
  ByteReader in(rest);
  const auto size = in.get<std::uint64_t>();
  const auto checksum = in.get<std::uint32_t>();
  if (!in.ok() || size > in.rest().size()) return std::nullopt;
  const ByteSpan body = in.rest().first(size);
  if (crc32c(body) != checksum) return std::nullopt;
  return body;
}

}  // namespace

Result<StateLog> StateLog::begin(const std::string& path, const StateBase& base,
                                 Durability durability) {
  const Bytes record = record_of(encode(base));
  RDU_NODE_TRY(replace_file(path, record, durability));
  Result<Descriptor> file = open_file(path, O_WRONLY);
  if (!file.ok()) return file.status();
  return StateLog(std::move(*file), record.size(), 0, durability);
}

Result<StateLog> StateLog::resume(const std::string& path, const Contents& contents,
                                  Durability durability) {
  Result<Descriptor> file = open_file(path, O_WRONLY);
  if (!file.ok()) return file.status();
  if (::ftruncate(file->get(), static_cast<off_t>(contents.bytes)) != 0) {
    return system_error("cannot cut", path);
  }
  return StateLog(std::move(*file), contents.bytes, contents.effects.size(), durability);
}

Result<StateLog::Contents> StateLog::read(const std::string& path) {
  const Result<Bytes> file = read_file(path, kMaxLogBytes);
  if (!file.ok()) return file.status();
  Contents contents;
  const std::optional<ByteSpan> base = next_body(*file);
  if (!base || !decode(*base, contents.base))
    return fail(RDU_ERR_IO, path, " is not the journal of a state");
  contents.bytes = kRecordHead + base->size();
  while (const auto body = next_body(ByteSpan(*file).subspan(contents.bytes))) {
    Effect effect;
    if (!decode(*body, effect)) break;
    contents.effects.push_back(std::move(effect));
    contents.bytes += kRecordHead + body->size();
  }
  return contents;
}

Status StateLog::append(const Effect& effect) {
  const Bytes record = record_of(encode(effect));
  if (Status status = write_at(file_.get(), bytes_, record); !status.ok()) {
    // What is there of it must not look like the beginning of a later record.
    if (::ftruncate(file_.get(), static_cast<off_t>(bytes_)) != 0)
      return system_error("cannot cut", "a journal");
    return status;
  }
  if (durability_ == Durability::kMachine && ::fdatasync(file_.get()) != 0) {
    return system_error("cannot sync", "a journal");
  }
  bytes_ += record.size();
  ++num_effects_;
  return {};
}

}  // namespace rdu::remote::node
