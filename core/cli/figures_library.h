#pragma once
#include "base/install_folder.h"
#include "figures/figures.h"

namespace calotype::cli {

/// The library that plots figures, loaded when it is first asked for. Throws Error (unavailable).
inline const figures::Table& figures_library() {
  static const figures::Table& table =
      *reinterpret_cast<const figures::Table* (*)()>(load_part("libcalotype_figures.so", "calotype_figures"))();
  return table;
}

}  // namespace calotype::cli
