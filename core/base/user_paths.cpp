#include "base/user_paths.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace calotype {

std::string environment_variable(const char* name) {
  const char* value = secure_getenv(name);
  return value ? value : "";
}

std::string home_folder() {
  if (const std::string given = environment_variable("HOME"); !given.empty()) return given;
  // cron, systemd and env -i do not set it
  passwd entry{}, *found = nullptr;
  std::string text(16384, '\0');
  if (getpwuid_r(geteuid(), &entry, text.data(), text.size(), &found) != 0 || !found || !found->pw_dir) return "";
  return found->pw_dir;
}

std::string with_home(const std::string& path) {
  if (path != "~" && !path.starts_with("~/")) return path;
  const std::string home = home_folder();
  return home.empty() ? path : home + path.substr(1);
}

std::string cache_folder() {
  // a relative path counts as not set: the XDG Base Directory Specification
  if (const char* base = secure_getenv("XDG_CACHE_HOME"); base && *base == '/') return std::string(base) + "/calotype";
  const std::string home = home_folder();
  return home.empty() ? "" : home + "/.cache/calotype";
}

std::vector<std::string> split_paths(const std::string& value) {
  std::vector<std::string> out;
  for (size_t at = 0; at < value.size();) {
    const size_t end = std::min(value.find(':', at), value.size());
    if (end > at) out.push_back(value.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

}  // namespace calotype
