// A device inside the test program: f32 maps over whole shapes, and every behaviour that a real device may show.
//
//   test:?memory=device        its own memory, reached through buffers only
//        &async=1              submit returns an event; a thread does the work
//        &blind=1              with async: no on_complete, the host has to wait
//        &delay_us=N           each submit takes that long
//        &hang=1               works until it is cancelled or past its deadline
//        &refuse=NODE          declines the section whose first node has this name
//        &fail_at=N            the N-th submit of the device fails, counted from 1
//        &concurrency=N        at most N runs of an executable at once; more is an error
//        &alignment=N          of what is bound
//        &target=NAME          prefers cuts of this target, and what is packed for it
//        &state=1              keeps variables; on host memory only
#pragma once

#include <rdu/plugin.h>

#include <cstdint>

namespace rdu::test {

const rdu_plugin_api* test_plugin(const rdu_host_api* host, std::uint32_t host_abi);

// The same device under other names, with tables of other versions.
const rdu_plugin_api* short_plugin(const rdu_host_api* host,
                                   std::uint32_t host_abi);  // "short": ends at `submit`
const rdu_plugin_api* long_plugin(const rdu_host_api* host,
                                  std::uint32_t host_abi);  // "long": goes on after the last
const rdu_plugin_api* truncated_plugin(const rdu_host_api* host,
                                       std::uint32_t host_abi);  // ends before `submit`
const rdu_plugin_api* alien_plugin(const rdu_host_api* host,
                                   std::uint32_t host_abi);  // another major version
const rdu_plugin_api* sanitized_plugin(const rdu_host_api* host,
                                       std::uint32_t host_abi);  // another sanitizer
const rdu_plugin_api* refusing_plugin(const rdu_host_api* host,
                                      std::uint32_t host_abi);  // returns NULL

// What is alive now, over all contexts: tests end with zero.
struct Alive {
  int plugins, devices, buffers, executables, events, states;
};
Alive alive();

}  // namespace rdu::test
