// Loaders that refuse a file in ways that no loader should.
#include <calotype/model_loader.h>

#include <stdexcept>

namespace {
using namespace calotype;

template <auto refuse>
class Loader final : public ModelLoader {
 public:
  std::unique_ptr<OpenedModel> open(const ModelSource&) const override { return refuse(), nullptr; }
};

constexpr Info kNameless{.id = "nameless", .summary = "Does not name the file", .accepts = {".safetensors"}};
using Nameless = Loader<[] { throw Error("no such model"); }>;

constexpr Info kForeign{
    .id = "foreign", .summary = "Throws an exception that is no Error", .accepts = {".safetensors"}};
using Foreign = Loader<[] { throw std::runtime_error("no such model"); }>;

constexpr Info kNumber{.id = "number", .summary = "Throws a number", .accepts = {".safetensors"}};
using Number = Loader<[] { throw 7; }>;

constexpr Info kSecretive{.id = "secretive", .summary = "Does not declare what it accepts"};

}  // namespace

CALOTYPE_LOADER_ENTRY(kNameless, Nameless);
CALOTYPE_LOADER_ENTRY(kForeign, Foreign);
CALOTYPE_LOADER_ENTRY(kNumber, Number);
CALOTYPE_LOADER_ENTRY(kSecretive, Nameless);
