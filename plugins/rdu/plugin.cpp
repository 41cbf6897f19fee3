// The plugin's export.
#include "plugins/rdu/device.hpp"

RDU_PLUGIN_EXPORT(rdu::chip_plugin::Device)
