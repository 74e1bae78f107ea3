#include "host/image_writer.h"

#include <calotype/host/encode.h>

#include <chrono>

#include "host/output_files.h"

namespace calotype {

void ImageWriter::write(GeneratedImage image, bool is_last) {
  finish();
  const bool is_at_once = is_last || image.path.empty();
  image_ = std::move(image);
  const auto write = [this] {
    if (!image_.path.empty()) image_.path = write_output(image_.path, to_png(image_), exists_);
  };
  // deferred besides: where no thread can be started, it is done when it is waited for
  done_ = std::async(is_at_once ? std::launch::deferred : std::launch::async | std::launch::deferred, write);
  if (is_at_once) finish();
}

void ImageWriter::poll() {
  if (done_.valid() && done_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) finish();
}

void ImageWriter::finish() {
  if (!done_.valid()) return;
  done_.get();
  written_(std::move(image_));
}

}  // namespace calotype
