#include "host/image_writer.h"

#include <calotype/host/encode.h>

#include <chrono>

#include "host/output_files.h"

namespace calotype {

void PictureWriter::write(Picture picture, bool is_last) {
  finish();
  const bool is_at_once = is_last || picture.path.empty();
  picture_ = std::move(picture);
  const auto write = [this] {
    if (!picture_.path.empty()) picture_.path = write_output(picture_.path, to_png(picture_), exists_);
  };
  // deferred besides: where no thread can be started, it is done when it is waited for
  done_ = std::async(is_at_once ? std::launch::deferred : std::launch::async | std::launch::deferred, write);
  if (is_at_once) finish();
}

void PictureWriter::poll() {
  if (done_.valid() && done_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) finish();
}

void PictureWriter::finish() {
  if (!done_.valid()) return;
  done_.get();
  written_(std::move(picture_));
}

}  // namespace calotype
