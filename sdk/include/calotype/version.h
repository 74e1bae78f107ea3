#pragma once

/// The SDK's version: the one place where it is written. CMake reads it from here.
#define CALOTYPE_VERSION_MAJOR 0
#define CALOTYPE_VERSION_MINOR 1
#define CALOTYPE_VERSION_PATCH 0
#define CALOTYPE_VERSION "0.1.0"
