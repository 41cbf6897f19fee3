// Chunks into files, files into artifacts: every byte is hashed before it counts, and renamed into place when all are there.
#include "plugins/remote/node/store.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "plugins/remote/node/offer_file.hpp"

namespace rdu::remote::node {

namespace {

constexpr std::uint64_t kPageBytes = 4096;
constexpr std::uint32_t kMinChunkBytes = 4096;
constexpr std::size_t kMaxArtifactParts = 4096;
constexpr std::uint64_t kMaxOfferFileBytes = 64u << 20;

std::uint64_t page_border(std::uint64_t bytes) {
  return (bytes + kPageBytes - 1) & ~(kPageBytes - 1);
}

// Names in a folder, sorted, without those that begin with a dot.
Result<std::vector<std::string>> names_in(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(folder.c_str()), ::closedir);
  if (!stream) return system_error("cannot list", folder);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream.get())) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::uint64_t changed_at(const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) return 0;
  return static_cast<std::uint64_t>(info.st_mtim.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(info.st_mtim.tv_nsec);
}

}  // namespace

Result<Store> Store::open(const std::string& folder, const StoreLimits& limits) {
  RDU_NODE_TRY(make_private_folder(folder));
  Store store(folder, limits);
  RDU_NODE_TRY(store.look_around());
  return store;
}

std::string Store::path(const Hash& artifact, const char* suffix) const {
  return folder_ + "/" + to_hex(artifact) + suffix;
}

Status Store::look_around() {
  Result<std::vector<std::string>> names = names_in(folder_);
  if (!names.ok()) return names.status();
  // The one that was used longest ago first, so that the order of eviction survives a restart.
  std::vector<std::pair<std::uint64_t, std::string>> offers;
  for (const std::string& name : *names) {
    const std::string full = folder_ + "/" + name;
    if (name.ends_with(".offer")) {
      offers.emplace_back(changed_at(full), name);
    } else if (name.ends_with(".new")) {
      ::unlink(full.c_str());
    }
  }
  std::sort(offers.begin(), offers.end());
  for (const auto& [time, name] : offers) RDU_NODE_TRY(adopt(name));
  return {};
}

// A file that does not say what its name says is removed with all that belongs to it.
Status Store::adopt(const std::string& name) {
  const std::string stem = folder_ + "/" + name.substr(0, name.size() - 6);
  const Result<Bytes> bytes = read_file(stem + ".offer", kMaxOfferFileBytes);
  Result<Offer> offer = bytes.ok() ? decode_offer_file(*bytes) : Result<Offer>(bytes.status());
  Result<Entry> entry = offer.ok() ? describe(*offer) : Result<Entry>(offer.status());
  if (!entry.ok() || path(offer->artifact, ".offer") != stem + ".offer") {
    for (const char* suffix : {".offer", ".data", ".partial"}) ::unlink((stem + suffix).c_str());
    return {};
  }
  struct stat info = {};
  entry->complete = ::stat((stem + ".data").c_str(), &info) == 0 &&
                    static_cast<std::uint64_t>(info.st_size) == entry->file_bytes;
  entry->last_use = ++clock_;
  used_bytes_ += entry->file_bytes;
  entries_.insert_or_assign(offer->artifact, std::move(*entry));
  return {};
}

Result<Store::Entry> Store::describe(const Offer& offer) const {
  if (offer.chunk_bytes < kMinChunkBytes || offer.part_bytes.empty() ||
      offer.part_bytes.size() > kMaxArtifactParts) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "an artifact of ", offer.part_bytes.size(),
                " parts in chunks of ", offer.chunk_bytes, " bytes: 1 to ", kMaxArtifactParts,
                " parts, chunks of at least ", kMinChunkBytes);
  }
  Result<std::vector<ChunkPlace>> places =
      check_offer(offer, limits_.max_artifact_bytes, limits_.max_chunk_bytes);
  if (!places.ok()) return places.status();
  Entry entry;
  entry.offer = offer;
  entry.places = std::move(*places);
  for (const std::uint64_t bytes : offer.part_bytes) {
    entry.part_offsets.push_back(entry.file_bytes);
    entry.file_bytes += page_border(bytes);
  }
  return entry;
}

Result<std::vector<std::uint32_t>> Store::offer(const Offer& offer) {
  auto found = entries_.find(offer.artifact);
  if (found == entries_.end()) {
    Result<Entry> entry = describe(offer);
    if (!entry.ok()) return entry.status();
    RDU_NODE_TRY(make_room(entry->file_bytes));
    RDU_NODE_TRY(replace_file(path(offer.artifact, ".offer"), encode_offer_file(offer),
                              Durability::kProcess));
    used_bytes_ += entry->file_bytes;
    found = entries_.emplace(offer.artifact, std::move(*entry)).first;
  }
  Entry& entry = found->second;
  touch(entry);
  std::vector<std::uint32_t> missing;
  if (entry.complete) return missing;
  RDU_NODE_TRY(begin(offer.artifact, entry));
  for (std::uint32_t i = 0; i < entry.present.size(); ++i) {
    if (!entry.present[i]) missing.push_back(i);
  }
  return missing;
}

Status Store::begin(const Hash& artifact, Entry& entry) {
  if (entry.partial) return {};
  Result<Descriptor> file = open_file(path(artifact, ".partial"), O_RDWR | O_CREAT);
  if (!file.ok()) return file.status();
  if (::ftruncate(file->get(), static_cast<off_t>(entry.file_bytes)) != 0) {
    return system_error("cannot make room for", "an artifact");
  }
  entry.partial = std::move(*file);
  return look_at_partial(entry);
}

Status Store::look_at_partial(Entry& entry) {
  entry.present.assign(entry.places.size(), false);
  entry.num_missing = static_cast<std::uint32_t>(entry.places.size());
  Bytes chunk;
  for (std::uint32_t i = 0; i < entry.places.size(); ++i) {
    // Nothing was ever written to a hole, and most of a new file is one.
    const auto offset = static_cast<off_t>(offset_of(entry, i));
    const auto bytes = static_cast<off_t>(entry.places[i].bytes);
    const off_t data = ::lseek(entry.partial.get(), offset, SEEK_DATA);
    if (data < 0 || data >= offset + bytes) continue;
    chunk.resize(static_cast<std::size_t>(bytes));
    RDU_NODE_TRY(read_at(entry.partial.get(), static_cast<std::uint64_t>(offset), chunk));
    if (hash_of(chunk) != entry.offer.chunks[i]) continue;
    entry.present[i] = true;
    --entry.num_missing;
  }
  return {};
}

std::uint64_t Store::offset_of(const Entry& entry, std::uint32_t chunk) const {
  const ChunkPlace& place = entry.places[chunk];
  return entry.part_offsets[place.part] + place.offset;
}

Status Store::put(const Hash& artifact, std::uint32_t chunk, ByteSpan bytes) {
  const auto found = entries_.find(artifact);
  if (found == entries_.end())
    return fail(RDU_ERR_NOT_FOUND, "a chunk of an artifact that was not offered");
  Entry& entry = found->second;
  if (chunk >= entry.places.size() || entry.places[chunk].bytes != bytes.size()) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "chunk ", chunk, " of ", bytes.size(),
                " bytes is not part of the artifact");
  }
  if (entry.complete) return {};
  if (hash_of(bytes) != entry.offer.chunks[chunk]) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "the bytes of chunk ", chunk, " do not have its hash");
  }
  RDU_NODE_TRY(begin(artifact, entry));
  if (entry.present[chunk]) return {};
  RDU_NODE_TRY(write_at(entry.partial.get(), offset_of(entry, chunk), bytes));
  entry.present[chunk] = true;
  --entry.num_missing;
  return {};
}

Status Store::commit(const Hash& artifact) {
  const auto found = entries_.find(artifact);
  if (found == entries_.end()) return fail(RDU_ERR_NOT_FOUND, "an artifact that was not offered");
  Entry& entry = found->second;
  touch(entry);
  if (entry.complete) return {};
  RDU_NODE_TRY(begin(artifact, entry));
  if (entry.num_missing != 0) {
    return fail(RDU_ERR_INVALID_ARGUMENT, entry.num_missing, " of ", entry.places.size(),
                " chunks are missing");
  }
  if (::fsync(entry.partial.get()) != 0) return system_error("cannot sync", "an artifact");
  if (::rename(path(artifact, ".partial").c_str(), path(artifact, ".data").c_str()) != 0) {
    return system_error("cannot rename", "an artifact");
  }
  RDU_NODE_TRY(sync_folder(folder_));
  entry.complete = true;
  entry.partial = Descriptor();
  entry.present.clear();
  return {};
}

Result<StoredArtifact> Store::find(const Hash& artifact) {
  const auto found = entries_.find(artifact);
  if (found == entries_.end() || !found->second.complete) {
    return fail(RDU_ERR_NOT_FOUND, "no artifact ", to_hex(artifact), " is stored; offer it first");
  }
  Entry& entry = found->second;
  touch(entry);
  StoredArtifact stored{path(artifact, ".data"), {}};
  for (std::size_t i = 0; i < entry.part_offsets.size(); ++i) {
    stored.parts.push_back({entry.part_offsets[i], entry.offer.part_bytes[i]});
  }
  return stored;
}

void Store::remove(const Hash& artifact) {
  const auto found = entries_.find(artifact);
  if (found == entries_.end()) return;
  for (const char* suffix : {".offer", ".data", ".partial"})
    ::unlink(path(artifact, suffix).c_str());
  used_bytes_ -= found->second.file_bytes;
  entries_.erase(found);
}

void Store::pin(const Hash& artifact) {
  if (const auto found = entries_.find(artifact); found != entries_.end()) ++found->second.pins;
}

void Store::unpin(const Hash& artifact) {
  const auto found = entries_.find(artifact);
  if (found != entries_.end() && found->second.pins > 0) --found->second.pins;
}

// Finished artifacts go before those that are being uploaded, each kind in the order of last use.
Status Store::make_room(std::uint64_t bytes) {
  while (bytes > limits_.max_total_bytes || used_bytes_ > limits_.max_total_bytes - bytes) {
    auto victim = entries_.end();
    for (auto it = entries_.begin(); it != entries_.end(); ++it) {
      if (it->second.pins != 0) continue;
      const auto rank = [](const Entry& entry) {
        return std::pair(!entry.complete, entry.last_use);
      };
      if (victim == entries_.end() || rank(it->second) < rank(victim->second)) victim = it;
    }
    if (victim == entries_.end()) {
      return fail(RDU_ERR_LIMIT_EXCEEDED, "an artifact of ", bytes,
                  " bytes does not fit the store beside ", used_bytes_,
                  " bytes in use; it may have ", limits_.max_total_bytes);
    }
    remove(Hash(victim->first));
  }
  return {};
}

void Store::touch(Entry& entry) {
  entry.last_use = ++clock_;
  ::utimensat(AT_FDCWD, path(entry.offer.artifact, ".offer").c_str(), nullptr, 0);
}

}  // namespace rdu::remote::node
