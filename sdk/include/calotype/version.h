#pragma once

/// The SDK's version. This is the only place that states it; CMake reads it from here.
#define CALOTYPE_VERSION_MAJOR 0
#define CALOTYPE_VERSION_MINOR 1
#define CALOTYPE_VERSION_PATCH 0
#define CALOTYPE_VERSION "0.1.0"

/* The plugin's own name, vendor and version: calotype_add_plugin() defines them. A library that is built by hand takes
 * its name from its file. */
#ifndef CALOTYPE_PLUGIN_NAME
#define CALOTYPE_PLUGIN_NAME ""
#endif
#ifndef CALOTYPE_PLUGIN_VENDOR
#define CALOTYPE_PLUGIN_VENDOR ""
#endif
#ifndef CALOTYPE_PLUGIN_VERSION
#define CALOTYPE_PLUGIN_VERSION ""
#endif
