#pragma once
#include <calotype/host/run.h>

#include <functional>
#include <future>
#include <string>

namespace calotype {

/// Writes each picture into its file while the next one is drawn, one at a time. Used by one thread.
class PictureWriter {
 public:
  /// Told of each picture in its turn, in the thread that uses the writer, once its file is written.
  using Written = std::function<void(Picture)>;
  /// `exists`: output.exists of the config.
  PictureWriter(Written written, std::string exists) : written_(std::move(written)), exists_(std::move(exists)) {}
  PictureWriter(const PictureWriter&) = delete;

  /// Begins to write what `picture.path` says, nothing where it is empty, after the one before. `is_last`: nothing is
  /// drawn meanwhile, so it is done here and now. Throws what writing this one or the one before threw.
  void write(Picture picture, bool is_last);
  /// Tells of a picture that is written by now. Throws what writing it threw.
  void poll();
  /// The same, and waits for it. A picture is written even where nobody calls this.
  void finish();

 private:
  Written written_;
  std::string exists_;
  Picture picture_;
  std::future<void> done_;  // last, for its end waits for the thread, which reads picture_
};

}  // namespace calotype
