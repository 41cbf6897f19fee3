// The same layouts as a C++ compiler sees them.
#include <rdu/plugin.h>
#include <rdu/rdu.h>

#include "layout.h"
