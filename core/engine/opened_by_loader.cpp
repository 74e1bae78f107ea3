#include "engine/opened_by_loader.h"

#include "base/error_boundary.h"
#include "engine/returned.h"
#include "loading/abi_settings.h"

namespace calotype {
namespace {

std::unique_ptr<OpenedModel> opened(const std::string& path, const Choice& loader, const void* implementation) {
  const auto made = make_loader(loader.entry, implementation);
  const AbiSettings abi(loader.entry, loader.settings);
  auto out = in_plugin(loader.entry, [&] { return made->open({path, Settings(abi.get())}); });
  return Returned(loader.entry, "open").there(std::move(out), "an opened model");
}

}  // namespace

std::unique_ptr<ModelLoader> make_loader(const EntryInfo& entry, const void* implementation) {
  const auto* factory = static_cast<ModelLoaderFactory* const*>(implementation);
  auto made = in_plugin(entry, [&] { return std::unique_ptr<ModelLoader>((*factory)()); });
  return Returned(entry, "its factory").there(std::move(made), "a loader");
}

OpenedByLoader::OpenedByLoader(const std::string& path, const Choice& loader, const void* implementation,
                               std::string key)
    : loader_(loader.entry),
      key_(std::move(key)),
      model_(opened(path, loader, implementation)),
      description_(in_plugin(loader_, [&] { return model_->description(); })) {
  const Returned described(loader_, "description");
  described.rising(description_.training_sigmas);
  if (description_.width < 1 || description_.height < 1)
    described.fail("a width and a height above 0",
                   std::to_string(description_.width) + "x" + std::to_string(description_.height));
}

std::vector<std::string> OpenedByLoader::warnings(const Request& request, const DenoiserUse& use) const {
  return in_plugin(loader_, [&] { return model_->warnings(request, use); });
}

MemoryNeed OpenedByLoader::memory_need(const LoadOptions& options, const Request& request,
                                       const DenoiserUse& use) const {
  return in_plugin(loader_, [&] { return model_->memory_need(options, request, use); });
}

std::unique_ptr<Model> OpenedByLoader::load(const LoadOptions& options) const {
  auto fresh = in_plugin(loader_, [&] { return model_->load(options); });
  auto out = Returned(loader_, "load").there(std::move(fresh), "a model");
  if (out->device().type() != options.device.type())
    Returned(loader_, "load").fail("a model on " + options.device.str(), "one on " + out->device().str());
  return out;
}

}  // namespace calotype
