// The parts of random sections; most take a stream and leave another.
#pragma once

#include "tests/drivers/image/random_section.hpp"

namespace image_test {

class Parts {
 public:
  Parts(Sketch& sketch, Legacy& found, Legacy& left)
      : sketch_(sketch), random_(sketch.random), arch_(sketch.arch), found_(found), left_(left) {}

  Domain random_domain();
  // The same elements in the same runs.
  bool alike(const Stream& a, const Stream& b) const;

  // From memory, or from what an earlier section left in a scratchpad.
  Stream source(const Domain& domain);
  // A PCU that takes all the streams.
  Stream map(const std::vector<Stream>& streams);
  // Each element held for a run of a further counter: all its lanes are seen.
  Stream widen(const Stream& stream);
  // A PCU whose results come back to it, so many firings later.
  Stream feed_back(const Stream& stream);
  // Through copies of a tile in a scratchpad, read in another order.
  Stream buffer(const Stream& stream);
  // Sums, or other folds, over one counter, in a scratchpad.
  Stream fold(const Stream& stream);
  // Rows that are read as they come, by counted tokens.
  Stream roll(const Stream& stream);
  // Addresses into a table that is loaded before.
  Stream look_up(const Stream& stream);
  // Addresses into memory.
  Stream gather(const Stream& stream);
  // Each element chooses a row of memory.
  Stream gather_rows(const Stream& stream);
  // A scratchpad folded at addresses that arrive, then read from end to end.
  Stream histogram(const Stream& stream);
  // Stored, and loaded again behind the acknowledgement.
  Stream through_memory(const Stream& stream);

  void finish(const Stream& stream);
  void scatter(const Stream& address, const Stream& data);
  void add_contraction();
  // A token between two contexts that may have nothing else in common.
  void add_order();

 private:
  std::uint32_t rows_of_rolling(std::uint32_t rows, std::uint32_t window);
  Stream count(const Domain& domain);
  Stream feed_back(std::uint32_t context);
  Stream load(const Domain& domain, std::uint32_t kind);
  void add_extents(Domain& domain);
  rdu_hw::image::Step address_by(std::uint32_t port, std::uint32_t element, std::uint64_t bytes);
  void disorder(std::vector<rdu_hw::image::Step>& steps, std::uint64_t bytes,
                std::uint32_t element);
  Stream to_scalars(const Stream& stream);
  Domain inside(const Stream& stream, rdu_hw_counter inner) const;
  std::uint32_t write(const Stream& stream, std::uint32_t buffer, std::uint32_t tile,
                      std::uint32_t format);
  void trim(std::uint32_t context, std::uint32_t element, std::uint64_t bytes);

  Sketch& sketch_;
  Random& random_;
  const rdu_hw_arch& arch_;
  Legacy& found_;
  Legacy& left_;
};

}  // namespace image_test
