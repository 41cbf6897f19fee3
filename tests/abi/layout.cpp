// The same layouts as a C++ compiler sees them.
#include "layout.h"

#include <rdu/plugin.h>
#include <rdu/rdu.h>
