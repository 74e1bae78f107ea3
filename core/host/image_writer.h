#pragma once
#include <calotype/host/resolved_config.h>
#include <calotype/host/run.h>

#include <functional>
#include <future>
#include <string>

namespace calotype {

/// Writes each image into its file while the next one is generated, one at a time. Used by one thread.
class ImageWriter {
 public:
  /// Gets each image in its turn, in the thread that uses the writer, once its file is written.
  using Written = std::function<void(GeneratedImage)>;
  /// `exists`: output.exists of the config.
  ImageWriter(Written written, IfExists exists) : written_(std::move(written)), exists_(exists) {}
  ImageWriter(const ImageWriter&) = delete;

  /// Begins to write the file `image.path`, none where it is empty, after the one before. `is_last`: nothing is
  /// generated meanwhile, so it is done here and now. Throws what writing this one or the one before threw.
  void write(GeneratedImage image, bool is_last);
  /// Reports an image that is written by now. Throws what writing it threw.
  void poll();
  /// The same, and waits for it. An image is written even where nobody calls this.
  void finish();

 private:
  Written written_;
  IfExists exists_;
  GeneratedImage image_;
  std::future<void> done_;  // last, for its end waits for the thread, which reads image_
};

}  // namespace calotype
