// The table that the program asks the library for.
#include "figures/sheets.h"

namespace calotype::figures {

extern "C" [[gnu::visibility("default")]] const Table* calotype_figures() {
  static constexpr Table table{draw_sigmas, draw_sheet, reduce};
  return &table;
}

}  // namespace calotype::figures
