#include "host/output_files.h"

#include <calotype/file_kind.h>
#include <calotype/host/host.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <map>
#include <optional>

#include "base/file.h"
#include "base/folder_files.h"
#include "base/utf8.h"
#include "output/output_path.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(const std::string& path, const std::string& why) {
  throw Error(ErrorCode::cannot_create, path + ": " + why);
}

/// A link to nothing is something too.
bool is_taken(const std::string& path) {
  struct stat s{};
  if (lstat(path.c_str(), &s) == 0) return true;
  const std::error_code failed(errno, std::generic_category());
  if (!means_nothing(failed)) fail_to_look(path, failed);
  return false;
}

using FileId = std::pair<dev_t, ino_t>;

std::optional<FileId> id_of(const std::string& path) {
  struct stat s{};
  if (stat(path.c_str(), &s) == 0) return FileId{s.st_dev, s.st_ino};
  const std::error_code failed(errno, std::generic_category());
  if (!means_nothing(failed)) fail_to_look(path, failed);
  return std::nullopt;
}

/// A folder that outputs go into, or will: it need not be there.
struct OutputFolder {
  std::string real;     ///< without links, so that two spellings are one
  std::string problem;  ///< why nothing can be written there; empty: it can
  size_t longest_name = 255;
};

/// Of these the system keeps no files, whatever permissions it shows.
bool holds_no_files(const fs::path& folder) {
  struct statfs s{};
  if (statfs(folder.c_str(), &s) != 0) return false;
  const auto type = uint64_t(s.f_type);
  return type == PROC_SUPER_MAGIC || type == SYSFS_MAGIC || type == CGROUP_SUPER_MAGIC || type == CGROUP2_SUPER_MAGIC ||
         type == DEBUGFS_MAGIC || type == TRACEFS_MAGIC || type == SECURITYFS_MAGIC || type == DEVPTS_SUPER_MAGIC ||
         type == BPF_FS_MAGIC;
}

OutputFolder look_at(const fs::path& folder) {
  OutputFolder out;
  fs::path there = folder;
  while (!is_there(there) && there.has_relative_path()) there = there.parent_path();
  out.real = fs::weakly_canonical(folder);
  if (const long longest = pathconf(there.c_str(), _PC_NAME_MAX); longest > 0) out.longest_name = size_t(longest);
  if (!is_folder(there))
    out.problem = there.string() + " is not a folder";
  else if (holds_no_files(there))
    out.problem = there.string() + " is the system's, and keeps no files";
  else if (access(there.c_str(), W_OK | X_OK) != 0)
    out.problem = there.string() + " may not be written to";
  for (const auto& name : folder.lexically_relative(there))
    if (name.native().size() > out.longest_name)
      out.problem = "the folder's name has " + std::to_string(name.native().size()) + " bytes, and " +
                    std::to_string(out.longest_name) + " is the most";
  return out;
}

/// The files that the runs of one call read and write.
class CallFiles {
 public:
  void add_inputs(const Plan& plan) {
    const ResolvedConfig& c = plan.config;
    add_input(c.name, "the config");
    add_model(c.model, c.loader, "the model");
    if (!c.refiner.empty()) add_model(c.refiner, c.refiner_loader, "the refiner");
    add_input(c.image, "the image to begin with");
    add_input(c.mask, "the mask");
  }

  void settle(Plan& plan) {
    for (std::string& path : plan.outputs) path = settled(path, plan.config, "output.path");
    if (!plan.latents.empty()) plan.latents = settled(plan.latents, plan.config, "output.latents");
  }

 private:
  void add_input(const std::string& path, const std::string& what) {
    if (const auto id = id_of(path)) inputs_.emplace(*id, what);
  }

  void add_model(const std::string& path, const Choice& loader, const std::string& what) {
    add_files(path, what);
    for (const auto& setting : loader.entry.settings) {
      const auto given = setting.is_path ? loader.settings.find(setting.name) : loader.settings.end();
      if (given == loader.settings.end()) continue;
      if (const auto* text = std::get_if<std::string>(&given->second); text && !text->empty())
        add_files(*text, "the model's " + setting.name);
    }
  }

  void add_files(const std::string& path, const std::string& what) {
    for (const auto& file : model_files_of(path)) add_input(file, file == path ? what : "a file of " + what);
  }

  const OutputFolder& folder_of(const std::string& path) {
    std::error_code gone;
    const fs::path absolute = fs::absolute(path, gone);
    if (gone) fail(path, "cannot be written: the working folder was removed");
    const fs::path folder = absolute.lexically_normal().parent_path();
    const auto known = folders_.find(folder);
    return known != folders_.end() ? known->second : folders_.emplace(folder, look_at(folder)).first->second;
  }

  /// Where an output will be. Throws where it cannot be, or where something would be lost.
  std::string settled(const std::string& path, const ResolvedConfig& config, const char* key) {
    const OutputFolder& folder = folder_of(path);
    if (!folder.problem.empty()) fail(path, "cannot be written: " + folder.problem);
    const bool numbers = config.exists == IfExists::number;
    for (int number = 1;; ++number) {
      const std::string candidate = numbered(path, number, folder.longest_name), name = fs::path(candidate).filename();
      if (name.size() > folder.longest_name)
        fail(path, "cannot be written: its name has " + std::to_string(name.size()) + " bytes, and " +
                       std::to_string(folder.longest_name) + " is the most");
      const std::string path_on_disk = folder.real + "/" + name;
      if (numbers && (is_taken(candidate) || claimed_.count(path_on_disk))) continue;
      if (!numbers) check(candidate, path_on_disk, config, key);
      claimed_.emplace(path_on_disk, config.name);
      return candidate;
    }
  }

  void check(const std::string& path, const std::string& path_on_disk, const ResolvedConfig& config,
             const std::string& key) const {
    if (const auto twice = claimed_.find(path_on_disk); twice != claimed_.end())
      fail(path, "is written twice, by " + twice->second + (twice->second == config.name ? "" : " and " + config.name) +
                     "; want {seed}, {index} or {config} in " + key + ", or output.exists: number");
    if (!is_taken(path)) return;
    if (is_folder(path)) fail(path, "cannot be written: it is a folder");
    if (const auto id = id_of(path))
      if (const auto input = inputs_.find(*id); input != inputs_.end())
        fail(path, "is " + input->second + "; want another name in " + key);
    if (config.exists == IfExists::error)
      fail(path, "is there already; want another name in " + key + ", or output.exists: overwrite, skip or number");
  }

  std::map<FileId, std::string> inputs_;
  std::map<std::string, std::string> claimed_;  // the config of each path
  std::map<fs::path, OutputFolder> folders_;
};

std::string name_of_model(const std::string& path) {
  return is_folder(path) ? fs::path(path).filename() : fs::path(path).stem();
}

}  // namespace

std::string output_path(const ResolvedConfig& c, const std::string& path_template, const Request& alone, int index) {
  return render_output_path(path_template, {.seed = alone.seed,
                                            .variation_seed = alone.variation_seed.value_or(0),
                                            .index = index,
                                            .prompt = alone.prompt,
                                            .scheduler = c.scheduler.entry.id,
                                            .sampler = c.sampler.entry.id,
                                            .config = fs::path(c.name).stem().string(),
                                            .model = name_of_model(c.model),
                                            .time = c.time});
}

std::string numbered(const std::string& path, int number, size_t longest) {
  if (number < 2) return path;
  const fs::path whole(path);
  const std::string ending = "-" + std::to_string(number) + whole.extension().string();
  std::string stem = whole.stem();
  if (stem.size() + ending.size() > longest) stem = cut_utf8(stem, longest - std::min(longest, ending.size()));
  return (whole.parent_path() / (stem + ending)).string();
}

std::string write_output(const std::string& path, std::string_view bytes, IfExists exists) {
  if (exists == IfExists::overwrite) {
    write_file(path, bytes, Leftovers::leave);
    return path;
  }
  for (int number = 1;; ++number) {
    const std::string candidate = numbered(path, number);
    if (is_taken(candidate) || !write_file(candidate, bytes, Leftovers::leave, Existing::keep)) continue;
    if (number > 1 && exists != IfExists::number)
      fail(path, "is there since the run began, and was kept; what was to be written is in " + candidate);
    return candidate;
  }
}

void Host::check_outputs(std::span<Plan> plans) {
  CallFiles files;
  for (const Plan& plan : plans) files.add_inputs(plan);
  for (Plan& plan : plans) files.settle(plan);
}

}  // namespace calotype
