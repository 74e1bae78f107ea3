#include "host/made_from.h"

#include <calotype/file_kind.h>
#include <calotype/version.h>

#include <filesystem>

#include "base/file.h"
#include "base/folder_files.h"
#include "base/install_folder.h"
#include "base/sha256.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

std::string stamps_of(const std::string& path) {
  std::string out;
  for (const auto& file : model_files_of(path))
    out += fs::path(file).lexically_relative(path).string() + " " + stamp_of(file) + "\n";
  return out;
}

std::string model_stamps(const std::string& path, const Choice& loader) {
  std::string out = stamps_of(path);
  for (const auto& setting : loader.entry.settings) {
    const auto given = setting.is_path ? loader.settings.find(setting.name) : loader.settings.end();
    if (given == loader.settings.end()) continue;
    if (const auto* text = std::get_if<std::string>(&given->second); text && !text->empty()) out += stamps_of(*text);
  }
  return out;
}

std::string pixels_of(const std::shared_ptr<const Image>& image) {
  if (!image) return "none\n";
  const auto text = [](const std::vector<uint8_t>& bytes) {
    return sha256_of_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  };
  return std::to_string(image->width) + " " + text(image->rgb) + " " + text(image->alpha) + "\n";
}

}  // namespace

const std::string& MadeFrom::sum_of(const std::string& file) {
  std::string& sum = sums_[file];
  if (sum.empty()) sum = sha256_of_file(file) + "\n";
  return sum;
}

std::string MadeFrom::operator()(const Plan& plan) {
  const ResolvedConfig& c = plan.config;
  const Prompts& prompts = plan.prompts.front();
  std::string all = c.to_json() + "\n" + plan.device + " " + plan.dtype + "\n" CALOTYPE_VERSION "\n";
  all += prompts.prompt + "\n" + prompts.negative_prompt.value_or("none") + "\n";
  for (const auto& [name, text] : prompts.declared) all += name + " " + text + "\n";
  all += pixels_of(c.request.image) + pixels_of(c.request.mask) + model_stamps(c.model, c.loader);
  if (!c.refiner.empty()) all += model_stamps(c.refiner, c.refiner_loader);
  all += sum_of(own_folder() + "/libcalotype_engine.so");
  for (const Choice* choice : {&c.loader, &c.refiner_loader, &c.pipeline, &c.scheduler, &c.sampler}) {
    const std::string& library = choice->entry.library;
    if (library.empty()) continue;
    all += sum_of(library);
    const std::string beside = fs::path(library).replace_extension();  // the folder of what comes with it
    for (const auto& file : files_of(beside)) all += sum_of(beside + "/" + file);
  }
  return sha256_of_text(all).substr(0, 16);
}

}  // namespace calotype
