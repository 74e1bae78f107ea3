#pragma once
#include <c10/core/Stream.h>

#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "unet.h"

namespace calotype::sdxl {

/// The network's calls on CUDA, recorded and then launched as a whole: one graph for each conditioning, size of what it is
/// called with and way with deep features. The first such call runs as it is; the second is recorded, when all that the first
/// one left for the others is there (keys and values of the text, cuDNN's choices), and from then on a call copies its input
/// in and launches the graph. Used by one thread at a time.
class UnetGraphs {
 public:
  /// Whether calls on that device can be recorded: on CUDA, and by a build that has sdxl_cuda.so.
  static bool can_record(at::Device device);
  /// Throws Error (unavailable) as cuda_library() does.
  explicit UnetGraphs(at::Device device);
  UnetGraphs(const UnetGraphs&) = delete;
  ~UnetGraphs();

  /// As unet(x, timestep, conditioning, deep), the same kernels in the same order. The conditioning must be there, and the
  /// same, until clear(). Throws Error (internal): `CUDA graph of the network: cannot be recorded: ...`.
  at::Tensor operator()(const Unet& unet, const at::Tensor& x, double timestep, const Unet::Conditioning& conditioning,
                        at::Tensor* deep = nullptr);
  /// Lets all graphs and their memory go.
  void clear();
  /// Whether there was no call since, or none at all.
  bool is_empty() const { return recorded_.empty(); }

 private:
  struct Recorded;
  enum class Deep { none, kept, taken_over };
  using Key = std::tuple<const Unet::Conditioning*, std::vector<int64_t>, Deep>;
  std::unique_ptr<Recorded> record(const Unet& unet, const at::Tensor& x, const Unet::Conditioning& conditioning,
                                   const at::Tensor* deep) const;

  at::Device device_;
  c10::Stream side_;                                   // that graphs are recorded on: the default one cannot be
  std::map<Key, std::unique_ptr<Recorded>> recorded_;  // null: called once
};

}  // namespace calotype::sdxl
