#include "yaml/yaml.h"

#include "target.h"

using namespace calotype;

CALOTYPE_FUZZ(yaml) {
  try {
    if (input.starts_with('\1'))
      yaml::parse_value(input.substr(1), "a.yaml");
    else
      yaml::parse(input, "a.yaml");
  } catch (const Error& e) {
    fuzz::check_error(e, "a.yaml");
  }
}
