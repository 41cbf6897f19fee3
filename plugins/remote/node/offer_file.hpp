// An offer as a file beside the artifact that it describes.
#pragma once

#include "plugins/remote/node/bytes.hpp"
#include "plugins/remote/wire/messages.hpp"

namespace rdu::remote::node {

inline Bytes encode_offer_file(const Offer& offer) {
  ByteWriter out;
  out.put(offer.artifact);
  out.put(offer.chunk_bytes);
  out.put(static_cast<std::uint32_t>(offer.part_bytes.size()));
  for (const std::uint64_t bytes : offer.part_bytes) out.put(bytes);
  out.put(static_cast<std::uint32_t>(offer.chunks.size()));
  for (const Hash& hash : offer.chunks) out.put(hash);
  return out.take();
}

// Only the form is judged here: what the numbers say is checked as if a client had offered them.
inline Result<Offer> decode_offer_file(ByteSpan bytes) {
  ByteReader in(bytes);
  Offer offer;
  in.get(offer.artifact);
  offer.chunk_bytes = in.get<std::uint32_t>();
  offer.part_bytes.resize(in.get_count(sizeof(std::uint64_t)));
  for (std::uint64_t& part : offer.part_bytes) part = in.get<std::uint64_t>();
  offer.chunks.resize(in.get_count(sizeof(Hash)));
  for (Hash& hash : offer.chunks) in.get(hash);
  if (!in.ok() || !in.rest().empty())
    return fail(RDU_ERR_IO, "a damaged description of an artifact");
  return offer;
}

}  // namespace rdu::remote::node
