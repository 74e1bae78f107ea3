#include <calotype/host/host.h>

#include "border.h"
#include "config_tree.h"

namespace calotype {
ResolvedConfig Host::resolve(const GenerateRequest& request) const {
  return at_border("", [&] {
    ResolvedConfig config = resolve(Config::from_request(request));
    // as they are: the config has them as a PNG without transparency
    config.request.image = request.image;
    config.request.mask = request.mask;
    return config;
  });
}

Result Host::generate(const Config& config, const RunOptions& options) {
  return at_border("", [&] {
    RunOptions own = options;
    own.write_files = options.write_files && config.tree().root.find("output");
    return run(resolve(config), own);
  });
}

Result Host::generate(const GenerateRequest& request, const RunOptions& options) {
  return at_border("", [&] {
    RunOptions own = options;
    own.write_files = options.write_files && !request.output.empty();
    return run(resolve(request), own);
  });
}

Result Host::generate(const GenerateRequest& request, std::function<void(const Progress&)> progress) {
  return at_border("", [&] {
    RunOptions options;
    options.progress = std::move(progress);
    return generate(request, options);
  });
}

}  // namespace calotype
