// Graphs that plugins ask the host to open.
#pragma once

#include <rdu/host.h>

namespace rdu::runtime::plugin {

rdu_status* open_graph(const rdu_host_api* host, const rdu_graph_source* source,
                       rdu_host_graph** out_handle, const rdu_graph** out_graph);
void close_graph(const rdu_host_api* host, rdu_host_graph* handle);

}  // namespace rdu::runtime::plugin
