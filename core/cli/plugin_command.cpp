#include "commands.h"

namespace calotype::cli {

const std::vector<Command>& plugin_commands() {
  static const std::vector<Command> all{plugin_new()};
  return all;
}

}  // namespace calotype::cli
