// The format, all numbers little-endian: magic, version, number of variables; per variable the length of its name, the
// name, dtype, rank, extents, number of bytes, bytes; then the 128-bit hash of everything before it. Of a variable that
// grows there are the positions in use alone, and the extent says how many.
#include "sdk/src/runtime/state_file.hpp"

#include <bit>
#include <cstring>

#include "sdk/base/atomic_file.hpp"
#include "sdk/base/dtype.hpp"
#include "sdk/base/file_map.hpp"
#include "sdk/base/hash.hpp"

namespace rdu::runtime {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::uint64_t kMagic = 0x0a65746174736472;  // "rdstate\n"
constexpr std::uint32_t kVersion = 1;

class Writer {
 public:
  explicit Writer(base::AtomicFile& file) : file_(file) {}

  Status bytes(const void* data, std::size_t size) {
    const std::span span(static_cast<const std::byte*>(data), size);
    hasher_.update(span);
    RDU_TRY(file_.write(span));
    return {};
  }
  template <typename Number>
  Status number(Number number) {
    return bytes(&number, sizeof(number));
  }
  Status hash() {
    const base::Hash128 hash = hasher_.finish();
    RDU_TRY(number(hash.low));
    return number(hash.high);
  }

 private:
  base::AtomicFile& file_;
  base::Hasher hasher_;
};

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : left_(bytes) {}

  bool take(std::size_t size, std::span<const std::byte>& out) {
    if (size > left_.size()) return false;
    out = left_.first(size);
    left_ = left_.subspan(size);
    return true;
  }
  template <typename Number>
  bool number(Number& out) {
    std::span<const std::byte> bytes;
    if (!take(sizeof(out), bytes)) return false;
    std::memcpy(&out, bytes.data(), sizeof(out));
    return true;
  }
  bool at_end() const { return left_.empty(); }

 private:
  std::span<const std::byte> left_;
};

// What a file says of one variable.
struct Record {
  std::string_view name;
  rdu_dtype dtype = 0;
  std::uint32_t rank = 0;
  std::int64_t shape[RDU_MAX_RANK] = {};
  std::span<const std::byte> bytes;
};

bool read_record(Reader& reader, Record& out) {
  std::uint32_t length = 0;
  std::span<const std::byte> name;
  if (!reader.number(length) || !reader.take(length, name)) return false;
  out.name = {reinterpret_cast<const char*>(name.data()), name.size()};
  if (!reader.number(out.dtype) || !reader.number(out.rank) || out.rank > RDU_MAX_RANK)
    return false;
  for (std::uint32_t d = 0; d < out.rank; ++d) {
    if (!reader.number(out.shape[d])) return false;
  }
  std::uint64_t size = 0;
  return reader.number(size) && reader.take(size, out.bytes);
}

// The positions in use of a variable lie in `count` runs of `used_bytes`, `step_bytes` apart.
struct Rows {
  std::uint64_t count = 1;
  std::uint64_t used_bytes = 0;
  std::uint64_t step_bytes = 0;
};

Rows rows_of(const TensorSpec& spec, std::int64_t length) {
  if (spec.growth.none() || spec.bytes == 0) return {1, spec.bytes, spec.bytes};
  Rows rows;
  for (std::uint32_t d = 0; d < spec.growth.axis; ++d) {
    rows.count *= static_cast<std::uint64_t>(spec.shape[d]);
  }
  rows.step_bytes = spec.bytes / rows.count;
  rows.used_bytes = rows.step_bytes / static_cast<std::uint64_t>(spec.shape[spec.growth.axis]) *
                    static_cast<std::uint64_t>(length);
  return rows;
}

Status write_variable(Writer& writer, const State& state, std::uint32_t number) {
  const TensorSpec& spec = state.variables()[number];
  RDU_TRY(writer.number(static_cast<std::uint32_t>(spec.name.size())));
  RDU_TRY(writer.bytes(spec.name.data(), spec.name.size()));
  RDU_TRY(writer.number(spec.dtype));
  RDU_TRY(writer.number(static_cast<std::uint32_t>(spec.shape.size())));
  std::vector<std::int64_t> shape = spec.shape;
  std::int64_t length = 0;
  if (!spec.growth.none()) {
    RDU_TRY(state.length(number, length));
    shape[spec.growth.axis] = length;
  }
  for (const std::int64_t extent : shape) RDU_TRY(writer.number(extent));
  const Rows rows = rows_of(spec, length);
  std::vector<std::byte> content(spec.bytes);
  RDU_TRY(state.read(number, content.data()));
  RDU_TRY(writer.number(rows.count * rows.used_bytes));
  for (std::uint64_t row = 0; row < rows.count; ++row) {
    RDU_TRY(writer.bytes(content.data() + row * rows.step_bytes, rows.used_bytes));
  }
  return {};
}

Status corrupt(const char* path, const char* what) {
  return fail(RDU_ERR_BAD_ARTIFACT, "'", path, "' is no state file: ", what);
}

// Where it grows, a file may hold fewer positions than there is room for.
bool fits(const Record& record, const TensorSpec& spec) {
  if (record.name != spec.name || record.dtype != spec.dtype || record.rank != spec.shape.size()) {
    return false;
  }
  std::int64_t length = 0;
  for (std::uint32_t d = 0; d < record.rank; ++d) {
    const bool grows = !spec.growth.none() && spec.growth.axis == d;
    if (grows) length = record.shape[d];
    if (grows ? length < 0 || length > spec.shape[d] : record.shape[d] != spec.shape[d]) {
      return false;
    }
  }
  const Rows rows = rows_of(spec, length);
  return record.bytes.size() == rows.count * rows.used_bytes;
}

// Does the file count as many positions as it holds?
Status check_length(const std::vector<Record>& records, const Record& record,
                    const TensorSpec& spec, const char* path) {
  if (spec.growth.none()) return {};
  std::int64_t counted = 0;
  std::memcpy(&counted, records[spec.growth.length].bytes.data(), sizeof(counted));
  if (counted == record.shape[spec.growth.axis]) return {};
  return fail(RDU_ERR_BAD_ARTIFACT, "'", path, "' has ", record.shape[spec.growth.axis],
              " positions of '", spec.name, "' and the length ", counted);
}

void take(const Record& record, const TensorSpec& spec, std::byte* data) {
  const Rows rows = rows_of(spec, spec.growth.none() ? 0 : record.shape[spec.growth.axis]);
  for (std::uint64_t row = 0; row < rows.count && rows.used_bytes != 0; ++row) {
    std::memcpy(data + row * rows.step_bytes, record.bytes.data() + row * rows.used_bytes,
                rows.used_bytes);
  }
}

Status mismatch(const char* path, const Record& record, const TensorSpec& spec) {
  return fail(RDU_ERR_SHAPE_MISMATCH, "'", path, "' has variable '", record.name, "' ",
              base::dtype_name(record.dtype),
              std::span<const std::int64_t>(record.shape, record.rank), ", the state has '",
              spec.name, "' ", base::dtype_name(spec.dtype),
              std::span<const std::int64_t>(spec.shape));
}

Status check_hash(std::span<const std::byte> file, const char* path) {
  base::Hash128 stored;
  if (file.size() < sizeof(stored)) return corrupt(path, "it is too short");
  const auto body = file.first(file.size() - sizeof(stored));
  std::memcpy(&stored.low, file.data() + body.size(), sizeof(stored.low));
  std::memcpy(&stored.high, file.data() + body.size() + sizeof(stored.low), sizeof(stored.high));
  if (base::hash128(body) != stored) return corrupt(path, "its hash does not match");
  return {};
}

}  // namespace

Status save_state(const State& state, const char* path) {
  RDU_ASSIGN(auto file, base::AtomicFile::create(path));
  Writer writer(file);
  const auto& specs = state.variables();
  RDU_TRY(writer.number(kMagic));
  RDU_TRY(writer.number(kVersion));
  RDU_TRY(writer.number(static_cast<std::uint32_t>(specs.size())));
  for (std::uint32_t k = 0; k < specs.size(); ++k) {
    RDU_TRY(write_variable(writer, state, k));
  }
  RDU_TRY(writer.hash());
  RDU_TRY(file.commit(base::AtomicFile::Durability::kProcess));
  return {};
}

Status load_state(State& state, const char* path) {
  RDU_ASSIGN(const auto map, base::FileMap::open(path));
  RDU_TRY(check_hash(map.bytes(), path));
  Reader reader(map.bytes().first(map.bytes().size() - sizeof(base::Hash128)));
  std::uint64_t magic = 0;
  std::uint32_t version = 0, count = 0;
  if (!reader.number(magic) || !reader.number(version) || !reader.number(count) ||
      magic != kMagic) {
    return corrupt(path, "its first bytes are wrong");
  }
  const auto& specs = state.variables();
  if (version != kVersion || count != specs.size()) {
    return fail(RDU_ERR_SHAPE_MISMATCH, "'", path, "' has version ", version, " and ", count,
                " variables, the state has ", specs.size());
  }
  std::vector<Record> records(count);
  for (std::uint32_t k = 0; k < count; ++k) {
    if (!read_record(reader, records[k])) return corrupt(path, "it is cut short");
    if (!fits(records[k], specs[k])) return mismatch(path, records[k], specs[k]);
  }
  if (!reader.at_end()) return corrupt(path, "it is too long");
  for (std::uint32_t k = 0; k < count; ++k) {
    RDU_TRY(check_length(records, records[k], specs[k], path));
  }
  std::vector<std::vector<std::byte>> contents;
  for (std::uint32_t k = 0; k < count; ++k) {
    take(records[k], specs[k], contents.emplace_back(specs[k].bytes).data());
  }
  return state.write_all(contents);
}

}  // namespace rdu::runtime
