#include <calotype/host/host.h>

#include <cstdio>

#include "commands.h"
#include "config_schema.h"

namespace calotype::cli {

int schema_command(const Arguments& arguments) {
  if (!arguments.names.empty()) throw Error(ErrorCode::usage, "schema: wanted no name, got \"" + arguments.names[0] + "\"");
  const std::string text = config_schema(Host().catalog()).dump(1, ' ', false, Json::error_handler_t::replace);
  if (std::printf("%s\n", text.c_str()) < 0 || std::fflush(stdout) != 0) throw Error(ErrorCode::io, "standard output cannot be written to");
  return 0;
}

}  // namespace calotype::cli
