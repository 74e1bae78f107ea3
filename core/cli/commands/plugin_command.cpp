#include "cli/check_plugin.h"
#include "cli/commands.h"

namespace calotype::cli {

const std::vector<Command>& plugin_commands() {
  static const std::vector<Command> all{plugin_new(),
                                        plugin_check(plugin_check_command),
                                        {"plugin why",
                                         "ID|PATH [--config CONFIG]",
                                         "where a plugin was looked for, and why it is let in or refused",
                                         {"config", "json", "builtin-only", "without", "retry"},
                                         plugin_why_command},
                                        {"plugin lock",
                                         "CONFIG ...",
                                         "writes plugins.lock beside each config: no other plugins are let in then",
                                         {"builtin-only", "without", "retry"},
                                         plugin_lock_command}};
  return all;
}

}  // namespace calotype::cli
