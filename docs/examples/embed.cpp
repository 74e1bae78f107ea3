// Generates one image and looks at its pixels. Link calotype::host; its headers have no libtorch, YAML or Boost in
// them.
#include <calotype/host/host.h>

#include <cstdio>

int main(int count, char** words) {
  if (count != 2) return std::puts("usage: embed CONFIG"), 64;
  try {
    calotype::Host host;
    const auto config = host.resolve(calotype::Config::from_file(words[1], {"seed=3"}));
    calotype::RunOptions options;
    options.write_files = false;
    const calotype::Result result = host.run(config, options);
    const calotype::Image& image = result.pictures[0].image;
    std::printf("%d x %d, first pixel %d %d %d\n", image.width, image.height, image.rgb[0], image.rgb[1], image.rgb[2]);
  } catch (const calotype::Error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return int(e.code());
  }
}
