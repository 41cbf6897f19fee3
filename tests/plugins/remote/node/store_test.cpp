// The store: uploads in pieces and over restarts, manifests that lie, and what goes when there is no room.
#include "plugins/remote/node/store.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/plugins/remote/node/scratch.hpp"

namespace rdu::remote::node {
namespace {

using testing::Scratch;

constexpr std::uint32_t kChunk = 4096;

Bytes pattern(std::size_t bytes, unsigned seed) {
  Bytes data(bytes);
  for (std::size_t i = 0; i < bytes; ++i)
    data[i] = static_cast<std::byte>((i * 131 + seed * 7919) >> 3);
  return data;
}

struct Upload {
  std::vector<Bytes> parts;
  Offer offer;
  std::vector<ChunkPlace> places;

  explicit Upload(std::vector<Bytes> given) : parts(std::move(given)) {
    const std::vector<ByteSpan> spans(parts.begin(), parts.end());
    offer = *make_offer(spans, kChunk);
    places = *chunk_places(offer.part_bytes, kChunk);
  }
  ByteSpan chunk(std::uint32_t index) const {
    return ByteSpan(parts[places[index].part]).subspan(places[index].offset, places[index].bytes);
  }
};

Upload two_parts(unsigned seed = 1) {
  return Upload({pattern(3 * kChunk + 5, seed), pattern(2 * kChunk, seed + 1)});
}

Store open_store(const Scratch& scratch, std::uint64_t total = 1u << 20) {
  Result<Store> store =
      Store::open(scratch / "store", {.max_artifact_bytes = 1u << 20, .max_total_bytes = total});
  REQUIRE(store.ok());
  return std::move(*store);
}

void send(Store& store, const Upload& upload, const std::vector<std::uint32_t>& chunks) {
  for (const std::uint32_t chunk : chunks) {
    const Status status = store.put(upload.offer.artifact, chunk, upload.chunk(chunk));
    INFO(status.message());
    REQUIRE(status.ok());
  }
}

std::vector<std::uint32_t> offer_ok(Store& store, const Upload& upload) {
  Result<std::vector<std::uint32_t>> missing = store.offer(upload.offer);
  INFO(missing.status().message());
  REQUIRE(missing.ok());
  return *missing;
}

TEST_CASE("an artifact is there when every chunk is, and its bytes are those that were sent") {
  const Scratch scratch;
  Store store = open_store(scratch);
  const Upload upload = two_parts();
  CHECK(store.find(upload.offer.artifact).status().code() == RDU_ERR_NOT_FOUND);
  CHECK(offer_ok(store, upload).size() == 6);
  send(store, upload, {5, 0, 3, 1, 4});
  CHECK(store.commit(upload.offer.artifact).code() == RDU_ERR_INVALID_ARGUMENT);
  CHECK(offer_ok(store, upload) == std::vector<std::uint32_t>{2});
  send(store, upload, {2});
  REQUIRE(store.commit(upload.offer.artifact).ok());
  CHECK(offer_ok(store, upload).empty());

  const Result<StoredArtifact> stored = store.find(upload.offer.artifact);
  REQUIRE(stored.ok());
  REQUIRE(stored->parts.size() == 2);
  std::ifstream file(stored->path, std::ios::binary);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(stored->parts[i].offset % 4096 == 0);
    std::vector<char> read(stored->parts[i].bytes);
    file.seekg(static_cast<std::streamoff>(stored->parts[i].offset));
    file.read(read.data(), static_cast<std::streamsize>(read.size()));
    CHECK(std::equal(read.begin(), read.end(),
                     reinterpret_cast<const char*>(upload.parts[i].data())));
  }
}

TEST_CASE("an upload goes on where a killed peer stopped") {
  const Scratch scratch;
  const Upload upload = two_parts();
  {
    Store store = open_store(scratch);
    offer_ok(store, upload);
    send(store, upload, {0, 2, 4});
  }
  Store store = open_store(scratch);
  CHECK(offer_ok(store, upload) == std::vector<std::uint32_t>{1, 3, 5});
  send(store, upload, {1, 3, 5});
  REQUIRE(store.commit(upload.offer.artifact).ok());
  Store again = open_store(scratch);
  CHECK(offer_ok(again, upload).empty());
  CHECK(again.find(upload.offer.artifact).ok());
}

TEST_CASE("bytes of a partial file that were damaged are asked for again") {
  const Scratch scratch;
  const Upload upload = two_parts();
  {
    Store store = open_store(scratch);
    offer_ok(store, upload);
    send(store, upload, {0, 1, 2, 3, 4, 5});
  }
  {
    std::fstream file(scratch / ("store/" + to_hex(upload.offer.artifact) + ".partial"),
                      std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(kChunk + 17);
    file.put('!');
  }
  Store store = open_store(scratch);
  CHECK(offer_ok(store, upload) == std::vector<std::uint32_t>{1});
}

TEST_CASE("chunks must be what was offered") {
  const Scratch scratch;
  Store store = open_store(scratch);
  const Upload upload = two_parts(1);
  const Upload other = two_parts(5);
  CHECK(store.put(upload.offer.artifact, 0, upload.chunk(0)).code() == RDU_ERR_NOT_FOUND);
  offer_ok(store, upload);
  CHECK(store.put(upload.offer.artifact, 0, other.chunk(0)).code() == RDU_ERR_INVALID_ARGUMENT);
  CHECK(store.put(upload.offer.artifact, 3, upload.chunk(0)).code() == RDU_ERR_INVALID_ARGUMENT);
  CHECK(store.put(upload.offer.artifact, 6, upload.chunk(0)).code() == RDU_ERR_INVALID_ARGUMENT);
  CHECK(store.put(upload.offer.artifact, 0xffffffffu, upload.chunk(0)).code() ==
        RDU_ERR_INVALID_ARGUMENT);
  CHECK(offer_ok(store, upload).size() == 6);
}

TEST_CASE("a manifest that does not add up is refused") {
  const Scratch scratch;
  Store store = open_store(scratch);
  const Offer good = two_parts().offer;
  std::vector<Offer> bad(9, good);
  bad[0].artifact[3] ^= 1;
  bad[1].chunks.pop_back();
  bad[2].chunks.push_back(good.chunks[0]);
  bad[3].part_bytes[0] += kChunk;
  bad[4].part_bytes = {~0ull, 2};
  bad[5].chunk_bytes = 1;
  bad[6].chunk_bytes = 64u << 20;
  bad[7].part_bytes.clear();
  bad[8].part_bytes.assign(100'000, 0);
  // A name that fits the numbers does not make them good.
  for (std::size_t i = 1; i < bad.size(); ++i) {
    bad[i].artifact = artifact_hash(bad[i].chunk_bytes, bad[i].part_bytes, bad[i].chunks);
  }
  for (std::size_t i = 0; i < bad.size(); ++i) {
    INFO("manifest " << i);
    CHECK_FALSE(store.offer(bad[i]).ok());
  }
  CHECK(store.num_artifacts() == 0);
  CHECK(store.used_bytes() == 0);
}

TEST_CASE("what nobody uses goes when room is needed, the oldest first, also after a restart") {
  const Scratch scratch;
  const Upload first = two_parts(1), second = two_parts(11), third = two_parts(21);
  const std::uint64_t one = 6 * kChunk;
  const auto fill = [](Store& store, const Upload& upload) {
    send(store, upload, offer_ok(store, upload));
    REQUIRE(store.commit(upload.offer.artifact).ok());
  };
  {
    Store store = open_store(scratch, 2 * one);
    fill(store, first);
    fill(store, second);
    CHECK(store.find(first.offer.artifact).ok());
  }
  Store store = open_store(scratch, 2 * one);
  fill(store, third);
  CHECK(store.used_bytes() == 2 * one);
  CHECK(store.find(first.offer.artifact).ok());
  CHECK_FALSE(store.find(second.offer.artifact).ok());

  store.pin(first.offer.artifact);
  store.pin(third.offer.artifact);
  CHECK(store.offer(second.offer).status().code() == RDU_ERR_LIMIT_EXCEEDED);
  store.unpin(first.offer.artifact);
  CHECK(store.offer(second.offer).ok());
  CHECK_FALSE(store.find(first.offer.artifact).ok());
}

TEST_CASE("a store in a folder that others may enter is refused") {
  const Scratch scratch;
  REQUIRE(::mkdir((scratch / "store").c_str(), 0755) == 0);
  CHECK(Store::open(scratch / "store", {}).status().code() == RDU_ERR_PERMISSION);
}

TEST_CASE("damaged descriptions are removed with what they describe") {
  const Scratch scratch;
  const Upload upload = two_parts();
  {
    Store store = open_store(scratch);
    send(store, upload, offer_ok(store, upload));
    REQUIRE(store.commit(upload.offer.artifact).ok());
  }
  const std::string path = scratch / ("store/" + to_hex(upload.offer.artifact) + ".offer");
  const auto size = std::filesystem::file_size(path);
  for (std::uintmax_t keep = 0; keep < size; keep += 7) {
    std::filesystem::resize_file(path, keep);
    Store store = open_store(scratch);
    CHECK(store.num_artifacts() == 0);
    send(store, upload, offer_ok(store, upload));
    REQUIRE(store.commit(upload.offer.artifact).ok());
  }
}

}  // namespace
}  // namespace rdu::remote::node
