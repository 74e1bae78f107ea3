#include "commands.h"

namespace calotype::cli {

const std::vector<Command>& plugin_commands() {
  static const std::vector<Command> all{};
  return all;
}

}  // namespace calotype::cli
