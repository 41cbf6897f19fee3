// The reference's executables on a device that keeps variables: "keeper:". With "?host=1" it does not.
#pragma once

#include <rdu/plugin.h>

#include <cstdint>

namespace rdu::test {

const rdu_plugin_api* keeper_plugin(const rdu_host_api* host, std::uint32_t host_abi);

}  // namespace rdu::test
