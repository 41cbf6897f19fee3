// What a tcp connection within one host does without.
#pragma once

namespace rdu::remote {

// Loopback has no bottleneck to find out about, yet where the host's congestion control paces (BBR), it sends at the rate
// that it has guessed, and probes: 600 KB there and back take 170 to 400 us, and differ from connection to connection.
// Takes a listening socket, whose connections inherit it, or a connected one; leaves alone whatever is not tcp on loopback.
void unpace_loopback(int fd);

}  // namespace rdu::remote
