// Which parts a random section has.
#include "tests/drivers/image/random_section.hpp"

#include <algorithm>

#include "tests/drivers/image/random_parts.hpp"

namespace image_test {

using namespace rdu_hw::image;

namespace {

class Generator {
 public:
  Generator(Sketch& sketch, Legacy& found, Legacy& left)
      : parts_(sketch, found, left), random_(sketch.random), arch_(sketch.arch) {}

  void run() {
    if (arch_.pcu.systolic_rows != 0 && random_.chance(20)) {
      parts_.add_contraction();
      return;
    }
    const Domain domain = parts_.random_domain();
    std::vector<Stream> streams = {parts_.source(domain)};
    if (random_.chance(40)) streams.push_back(parts_.source(domain));
    const std::uint32_t steps = random_.in(0, 5);
    for (std::uint32_t i = 0; i < steps; ++i) transform(streams);
    if (streams.size() > 1 && parts_.alike(streams[0], streams[1]) && random_.chance(15)) {
      parts_.scatter(streams[0], streams[1]);
      streams.erase(streams.begin(), streams.begin() + 2);
    }
    for (const Stream& stream : streams) parts_.finish(stream);
    for (const Stream& stream : streams) {
      if (random_.chance(20)) parts_.finish(stream);  // a second sink
    }
    if (random_.chance(15)) parts_.add_order();
  }

 private:
  // One of the streams goes on as something else.
  void transform(std::vector<Stream>& streams) {
    const std::uint32_t number = random_.in(0, static_cast<std::uint32_t>(streams.size() - 1));
    const Stream stream = streams[number];
    const std::uint32_t choice = random_.in(0, 15);
    if (choice <= 2) {
      streams[number] = parts_.map({stream});
    } else if (choice <= 3) {
      streams[number] = parts_.feed_back(stream);
    } else if (choice <= 5) {
      join(streams, stream);
    } else if (choice <= 6) {
      if (streams.size() < 3) streams.push_back(stream);
      if (random_.chance(40)) streams[number] = parts_.widen(stream);
    } else if (choice <= 7) {
      streams[number] = parts_.through_memory(stream);
    } else if (choice <= 8) {
      streams[number] = random_.chance(60) ? parts_.gather(stream) : parts_.gather_rows(stream);
    } else if (stream.kind != RDU_HW_VECTOR) {
      streams[number] = parts_.map({stream});
    } else if (choice <= 9) {
      streams[number] = random_.chance(60) ? parts_.look_up(stream) : parts_.histogram(stream);
    } else if (choice <= 10) {
      streams[number] = parts_.roll(stream);
    } else if (choice <= 12) {
      streams[number] = parts_.fold(stream);
    } else {
      streams[number] = parts_.buffer(stream);
    }
  }

  // All streams like this one become one: paths that parted may meet again.
  void join(std::vector<Stream>& streams, const Stream& stream) {
    std::vector<Stream> met;
    std::erase_if(streams, [&](const Stream& other) {
      const bool meets = parts_.alike(stream, other);
      if (meets) met.push_back(other);
      return meets;
    });
    streams.push_back(parts_.map(met));
  }

  Parts parts_;
  Random& random_;
  const rdu_hw_arch& arch_;
};

}  // namespace

void add_random_contexts(Sketch& sketch, Legacy& found, Legacy& left) {
  Generator(sketch, found, left).run();
}

}  // namespace image_test
