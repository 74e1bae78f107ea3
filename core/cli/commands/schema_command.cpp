#include <calotype/host/host.h>

#include "cli/commands.h"
#include "cli/edge.h"
#include "config/config_schema.h"

namespace calotype::cli {

int schema_command(const Arguments& arguments) {
  if (!arguments.names.empty())
    throw Error(ErrorCode::usage, "schema: want no name, got \"" + arguments.names[0] + "\"");
  put_json(config_schema(Host().catalog()).dump(1, ' ', false, Json::error_handler_t::replace));
  return 0;
}

}  // namespace calotype::cli
